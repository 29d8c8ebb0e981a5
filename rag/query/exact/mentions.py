"""Questions for the documents that mention something: it is looked for word for word."""

import regex

from rag.query.exact.identifier import Identifier
from rag.query.exact.identifiers import identifiers_of, words_beside
from rag.query.exact.literal_text import plain, readable

_WHAT = "(?P<what>.+?)"
_THINGS = (
    r"(?:documents?|files?|papers?|reports?|records?|e?-?mails?|letters?|pages?|passages?"
    r"|paragraphs?|places?|contracts?|texts?)"
)
_WHICH = (
    r"(?:(?:in )?(?:which|what)(?: of (?:the|my|these))?|list(?: me)?(?: all)?(?: the)?"
    r"|show(?: me)?(?: all)?(?: the)?|find(?: all)?(?: the)?)"
)
_HOLD = r"(?:mention(?:s|ed|ing)?|contain(?:s|ing)?|names?|cites?|refers? to|lists?)"
_MET = r"(?:mentioned|named|cited|listed|referenced|referred to)"
_DE_THINGS = r"(?:dokumente?n?|dateie?n?|texte?n?|seiten?)"
_FR_THINGS = r"(?:documents?|fichiers?|textes?|pages?)"
_ES_THINGS = r"(?:documentos?|archivos?|ficheros?|textos?|páginas?)"
_WORDINGS = tuple(
    regex.compile(rf"^\W*{wording}\W*$", regex.IGNORECASE)
    for wording in (
        rf"{_WHICH} {_THINGS}(?: that| which)? {_HOLD} "
        rf"(?:the (?:word|name|term|phrase|number|string) )?{_WHAT}",
        rf"(?:in )?(?:which|what) {_THINGS} (?:is|are|was|were) {_WHAT} {_MET}(?: in)?",
        rf"where (?:is|are|was|were) {_WHAT} {_MET}",
        rf"where (?:do|does) {_WHAT} (?:occur|appear)(?: in (?:the|my) {_THINGS})?",
        rf"(?:is|are|was|were) {_WHAT} mentioned (?:anywhere|in (?:any|the|my) {_THINGS})",
        rf"do(?:es)? any(?: of (?:the|my))? {_THINGS} (?:mention|contain|name) {_WHAT}",
        rf"welche[rs]? {_DE_THINGS} (?:erwähn(?:t|en)|enth(?:ä|a)lt(?:en)?|nenn(?:t|en)) {_WHAT}",
        rf"in welche[nrms]? {_DE_THINGS} (?:wird|werden|steht|stehen|kommt|kommen) {_WHAT}"
        r"(?: (?:erwähnt|genannt|vor))?",
        rf"wo (?:wird|werden) {_WHAT} (?:erwähnt|genannt)",
        rf"(?:dans )?quel(?:le)?s? {_FR_THINGS} (?:mentionne(?:nt)?|contien(?:t|nent)|cite(?:nt)?) "
        rf"{_WHAT}",
        rf"où (?:est|sont) (?:mentionnée?s?|citée?s?) {_WHAT}",
        rf"(?:en )?qu[eé] {_ES_THINGS} (?:mencionan?|contienen?|citan?|nombran?) (?:a )?{_WHAT}",
        rf"dónde se mencionan? (?:a )?{_WHAT}",
    )
)
_CLAUSE = regex.compile(r"\b(?:and (?:who|what|when|where|why|how)|because|whether|that|which)\b")
_ARTICLE = regex.compile(r"^(?:the|an?|der|die|das|den|les?|la|el|los|las) ", regex.IGNORECASE)
_MOST_WORDS = 8
_QUOTES = "\"'“”«»„‘’`? .!؟"


def mentioned(question: str) -> Identifier | None:
    """Return what a question asks the mentions of; None when it asks something else."""
    text = readable(question).strip()
    for wording in _WORDINGS:
        match = wording.match(text)
        if match is not None:
            what = _ARTICLE.sub("", match["what"].strip(_QUOTES))
            if not what or len(what.split()) > _MOST_WORDS or _CLAUSE.search(what):
                return None
            return literal(what)
    return None


def literal(what: str) -> Identifier:
    """Return words as an identifier: these, whole, in this order, whatever their case."""
    identifiers = identifiers_of(what)
    if len(identifiers) == 1 and not words_beside(what, identifiers):
        return identifiers[0]
    words = plain(what).split()
    body = r"\s+".join(regex.escape(word) for word in words)
    before = r"(?<![\p{L}\p{N}])" if words[0][0].isalnum() else ""
    after = r"(?![\p{L}\p{N}])" if words[-1][-1].isalnum() else r"(?![#+])"
    return Identifier(what, regex.compile(before + body + after), None, (what,), True, True)


def is_name(what: str) -> bool:
    """Tell whether a text must be matched verbatim: a name, a number, or a single word."""
    words = readable(what).split()
    return (
        len(words) == 1
        or any(any(map(str.isdigit, word)) for word in words)
        or all(word[0].isupper() for word in words if len(word) > 3)
    )
