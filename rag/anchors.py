"""What a model's similarity means: its value for a question and its answer, and for strangers.

Cosines of two models cannot be compared: what a stranger scores with one, an answer may score
with another. So each model is asked once about the same small set of questions and answers, and
its similarities are read on that scale: 0 unrelated, 1 an answer.
"""

from collections.abc import Callable, Sequence

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


def similarity_scale(
    embed_query: Callable[[str], NDArray[np.float32]],
    embed_documents: Callable[[Sequence[str]], Vectors],
) -> tuple[float, float]:
    """Return a model's mean similarity of strangers and of a question with its answer."""
    questions = np.stack([embed_query(question) for question, _ in PAIRS])
    answers = embed_documents([answer for _, answer in PAIRS])
    similarities = questions @ answers.T
    own = np.eye(len(PAIRS), dtype=bool)
    return float(similarities[~own].mean()), float(similarities[own].mean())
