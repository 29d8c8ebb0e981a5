"""Words that say nothing about a subject, by language.

They neither search nor count as matched, unless a question holds nothing else.

English: Lucene's stop set, the words that only make a sentence a question, and the linking verbs
to be, to become, to seem. The others: articles, pronouns, prepositions, conjunctions, auxiliary
verbs and question words, listed for this purpose; no word that could be what is asked about.
"""

from vector_store.analysis.scripts import folded

_LISTS = {
    "en": """
        a about all an and any are as at be became become becomes becoming been being but by can
        could did do does doing done for from had has have having he her him his how i if in into
        is it its it me my no not of on or our ours seem seemed seems she should so such than that
        the their them then there these they this to us was we were what when where which who whom
        whose why will with would you your""",
    "ar": """
        في من الى علي عن مع هذا هذه ذلك تلك هولا اولئك التي الذي الذين اللذان اللتان اللواتي ما
        ماذا متي اين كيف كم هل لماذا لم لن لا ان انه انها اذا لو قد كان كانت كانوا يكون تكون هو هي
        هم هن نحن انت انا و او ثم بل لكن حتي كل بعض اي ايه بين عند منذ خلال بعد قبل حول ضد دون غير
        سوي ليس ليست كما فيها فيه منها منه عليها عليه اليها اليه بها به لها له لهم ولا وما ومن وفي
        وهو وهي مما بما لما كما حيث اين بواسطه مني وكان وقد فقد""",
    "fa": """
        از به با در بر تا كه را و يا اين ان انها اينها اين است بود بودند باشد هست هستند نيست شد
        شده شدند مي شود ميشود كرد كرده كردند كند كنند كنيد دارد دارند داشت داشته داشتند خواهد براي
        چه چرا چگونه كجا كدام كي كسي چيست كيست چند چقدر ايا هر هم نيز اما ولي اگر پس من تو او ما
        شما ايشان خود خويش هاي ها هايي تر ترين نمي بي مورد روي زير بين پيش بعد قبل يك يكي اي ام
        اند ايم ايد اش ات شان همه چيز چيزي بوده گرديد گردد نام وجود كدامند""",
    "he": """
        של על את אל עם מנ הוא היא המ הנ זה זו זאת אלה אלו אני אתה את אנחנו אתמ אשר כי אמ לא או גמ
        רק אכ אבל כל מה מי מתי איפה איכ היכנ למה מדוע כמה איזה איזו אילו האמ היה היתה הייתה היו
        יהיה תהיה להיות יש אינ לו לה להמ שלו שלה שלהמ בו בה בינ אחרי לפני תחת עד כמו כנ לפי בשל
        בגלל כאשר אז שמ פה כאנ כדי ידי אותו אותה אותמ""",
    "fr": """
        a au aux avec c ce ces cet cette d dans de des du elle elles en est et etait etaient ete
        etre eu il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre
        nous on ont ou où par pas plus pour pourquoi qu quand que quel quelle quelles quels qui
        quoi s sa sans se sera ses si son sont sous sur t ta te tes toi ton tu un une vos votre
        vous y comment combien dont lequel laquelle lesquels avait avaient ai as""",
    "es": """
        a al ante antes como con contra cual cuales cuando cuanto cuanta cuantos cuantas de del
        desde donde durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta
        estaba estan estas este esto estos fue fueron ha han hasta hay la las le les lo los me mi
        mis nos nosotros o para pero por porque que quien quienes se ser si sin sobre son su sus
        tambien te tu tus u un una unas unos y ya yo""",
    "de": """
        aber als am an auch auf aus bei bin bis das dass daß dem den der des die dies diese diesem
        diesen dieser dieses du durch ein eine einem einen einer eines er es fur für gegen hat
        hatte hatten haben ich ihr ihre ihrem ihren ihrer im in ist ja kann kein keine mein mit
        nach nicht noch nur ob oder ohne sein seine seinem seinen seiner sich sie sind so uber
        über um und uns unter vom von vor wann war waren warum was wegen weil welche welchem
        welchen welcher welches wem wen wenn wer werden wessen wie wir wird wo woher wohin wurde
        wurden zu zum zur zwischen""",
    "it": """
        a ad ai al alla alle allo anche c che chi ci come con cosa cui d da dai dal dalla dalle de
        dei del della delle dello di dove e ed era erano essere gli ha hanno i il in io l la le
        lei li lo loro lui ma me mi mia mio ne nei nel nella nelle non noi o per perche piu qual
        quale quali quando quanta quante quanti quanto quella quelle quelli quello questa queste
        questi questo se si sia sono stata stato su sua sue sui sul sulla suo suoi ti tra tu un
        una uno vi voi""",
    "pt": """
        a ao aos as ate com como da das de dela dele deles do dos e ela elas ele eles em entre era
        eram essa esse esta estao estava este eu foi foram ha isso isto ja lhe mais mas me meu
        minha na nao nas nem no nos o onde os ou para pela pelas pelo pelos por porque qual quais
        quando quanto quantos quem que se sem ser seu seus sao sobre sua suas tambem te tem um uma
        umas uns voce""",
    "nl": """
        aan als bij dan dat de der deze die dit door een en er had hadden heb hebben heeft het hij
        hoe hoeveel hun ik in is je kan maar me meer met mijn na naar niet nog nu of om onder ons
        ook op over te tot tussen u uit van veel voor waar waarom wanneer waren was wat we wel
        welk welke werd werden wie wij wordt worden zal ze zich zij zijn zo""",
    "ru": """
        а без был была были было быть в вам вас весь во вот все вы где да для до его ее если есть
        еще же за и из или им их к как какая какие какои какое ко когда которая которыи которые
        которое кто куда ли мне много мог мы на над не него нее нет ни них но о об он она они оно
        от откуда по под почему при с сколько со так также там то того тоже тои только том ты у
        уже что чтобы чем чеи эта эти это этого этои этом этот я""",
    "tr": """
        acaba ama bazi belki ben bir biri bu bunu bunun cok da daha de defa diye en gibi hangi hem
        hep her hic icin ile ise kac kadar ki kim kime kimin mi mu ne neden nerede nereden nereye
        ne zaman nasil niye o olan olarak oldu olduğu oldugu olur on onlar onun sen siz su tum ve
        veya ya yani""",
}  # fmt: skip

STOP_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(map(folded, words.split())) for language, words in _LISTS.items()
}
"""By ISO 639-1 code, folded; a language without a list has none."""
