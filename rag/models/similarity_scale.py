"""What a model's similarity means: its value for a question and its answer, and for strangers.

Cosines of two models cannot be compared: what a stranger scores with one, an answer may score
with another. So each model is asked once about the same small set of questions and answers, and
its similarities are read on that scale: 0 unrelated, 1 an answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vector_store.records import Vectors

# Written for this purpose, about subjects as far apart as a library's documents can be.
PAIRS = (
    ("How long does a green card renewal take?",
     "Renewing a permanent resident card usually takes between eight and twelve months."),
    ("What temperature should chicken be cooked to?",
     "Poultry is safe to eat once its thickest part has reached 74 degrees Celsius."),
    ("Who designed the bridge over the river?",
     "The bridge was drawn by the engineer Ana Kovač and opened to traffic in 1931."),
    ("Why did sales fall in the third quarter?",
     "Third-quarter revenue dropped by nine per cent because two large customers left."),
    ("How do vaccines protect children?",
     "A vaccine trains the immune system, so that a child who meets the virus later stays well."),
    ("When must tenants be told about a rent increase?",
     "A landlord has to announce a higher rent in writing at least three months in advance."),
    ("Which metals conduct electricity best?",
     "Silver is the best conductor of electric current, followed by copper and gold."),
    ("What did the committee decide about the new school?",
     "The committee voted to build the school on the site of the former market hall."),
    ("How are violins tuned?",
     "The four strings of a violin are tuned in fifths by turning the pegs at its head."),
    ("Where do monarch butterflies spend the winter?",
     "Each autumn monarch butterflies fly to the mountain forests of central Mexico."),
    ("What causes the battery to overheat?",
     "The battery grows too hot when it is charged below freezing or its vents are blocked."),
    ("Who may vote in the general assembly?",
     "Every member who has paid the yearly fee has one vote in the general assembly."),
)  # fmt: skip


_FOREIGN_QUESTIONS = (
    ("كم يستغرق تجديد البطاقة الخضراء؟",
     "Combien de temps dure le renouvellement d'une carte verte ?",
     "تمدید گرین کارت چقدر طول می‌کشد؟"),
    ("على أي درجة حرارة يجب طهي الدجاج؟", "À quelle température faut-il cuire le poulet ?",
     "مرغ باید در چه دمایی پخته شود؟"),
    ("من صمم الجسر فوق النهر؟", "Qui a conçu le pont sur la rivière ?",
     "چه کسی پل روی رودخانه را طراحی کرد؟"),
    ("لماذا انخفضت المبيعات في الربع الثالث؟",
     "Pourquoi les ventes ont-elles baissé au troisième trimestre ?",
     "چرا فروش در سه‌ماهه سوم کاهش یافت؟"),
    ("كيف تحمي اللقاحات الأطفال؟", "Comment les vaccins protègent-ils les enfants ?",
     "واکسن‌ها چگونه از کودکان محافظت می‌کنند؟"),
    ("متى يجب إبلاغ المستأجرين بزيادة الإيجار؟",
     "Quand faut-il informer les locataires d'une hausse de loyer ?",
     "چه زمانی باید افزایش اجاره به مستأجران اطلاع داده شود؟"),
    ("ما المعادن الأفضل توصيلا للكهرباء؟", "Quels métaux conduisent le mieux l'électricité ?",
     "کدام فلزات بهترین رسانای برق هستند؟"),
    ("ماذا قررت اللجنة بشأن المدرسة الجديدة؟",
     "Qu'a décidé la commission au sujet de la nouvelle école ?",
     "کمیته درباره مدرسه جدید چه تصمیمی گرفت؟"),
    ("كيف يتم ضبط أوتار الكمان؟", "Comment accorde-t-on un violon ?", "ویولن چگونه کوک می‌شود؟"),
    ("أين تقضي فراشات الملك الشتاء؟", "Où les papillons monarques passent-ils l'hiver ?",
     "پروانه‌های شهریار زمستان را کجا می‌گذرانند؟"),
    ("ما الذي يسبب سخونة البطارية الزائدة؟", "Qu'est-ce qui fait surchauffer la batterie ?",
     "چه چیزی باعث داغ شدن بیش از حد باتری می‌شود؟"),
    ("من يحق له التصويت في الجمعية العامة؟", "Qui peut voter à l'assemblée générale ?",
     "چه کسی می‌تواند در مجمع عمومی رأی بدهد؟"),
)  # fmt: skip
"""The questions of PAIRS in Arabic, French and Persian."""
SCALE_TEXTS = tuple(text for group in (*PAIRS, *_FOREIGN_QUESTIONS) for text in group)
"""Every text that the scale is measured on."""


@dataclass(frozen=True, slots=True)
class SimilarityScale:
    """A model's mean similarities of strangers, and of questions with their answers."""

    unrelated: float
    related: float
    unrelated_foreign: float
    """Of a question in one language and a passage in another."""
    related_foreign: float


def similarity_scale(
    embed_query: Callable[[str], NDArray[np.float32]],
    embed_documents: Callable[[Sequence[str]], Vectors],
) -> SimilarityScale:
    """Return what a model's similarities mean, within a language and across."""
    answers = embed_documents([answer for _, answer in PAIRS])
    own = np.eye(len(PAIRS), dtype=bool)

    def means(questions: Sequence[str]) -> NDArray[np.float64]:
        similarities = np.stack([embed_query(question) for question in questions]) @ answers.T
        return np.array([similarities[~own].mean(), similarities[own].mean()], float)

    within = means([question for question, _ in PAIRS])
    across = np.mean([means(of_one) for of_one in zip(*_FOREIGN_QUESTIONS, strict=True)], axis=0)
    return SimilarityScale(*within.tolist(), *across.tolist())
