"""The passages that mention something word for word, one of each document first."""

from collections.abc import Collection, Sequence

from rag import deadlines
from rag.answers import Hit
from rag.ids import document_id
from rag.query.exact.identifier import Identifier
from rag.query.exact.literal_text import plain
from rag.query.exact.mentions import is_name
from rag.query.query import AnalyzedQuestion, languages_of
from rag.retrieval.candidates import passages_of
from rag.retrieval.exact.evidence import NO_EVIDENCE, Evidence
from rag.retrieval.exact.occurrences import DEPTH, Occurrences, occurrences_of, rarest_words
from rag.retrieval.exact.question_words import terms_in
from rag.retrieval.trace import stage
from vector_store.analysis import analyzer
from vector_store.base import StoreView
from vector_store.records import Passage, Sentences

_CERTAIN = 1.0
"""The probability of a passage that contains the text whose mentions the question asks for."""


def mentioning(
    view: StoreView,
    question: AnalyzedQuestion,
    what: Identifier,
    limit: int,
    documents: Collection[int] | None,
) -> tuple[list[Hit], Evidence]:
    """Return up to `limit` passages of these documents that mention something.

    Without one that holds the very words, those that hold each of them in some form. Without any,
    the evidence says that a name or number stands nowhere; other words may be put another way.
    Raises DeadlineExceededError, CancelledWorkError.
    """
    with stage("mentions"):
        [where] = occurrences_of(view, [what], documents)
        ids = list(where.passages) or _with_forms(view, what, documents)
        first = _one_per_document(view, ids, where, limit)
        cosines = view.similarities(question.vector, [passage.id for passage in first])
        sentences = view.sentences([passage.id for passage in first])
        hits = [
            Hit(
                passage,
                _CERTAIN,
                _CERTAIN,
                sentence_with(what, passage, sentences[passage.id]),
                None,
                cosines[passage.id],
                None,
                None,
            )
            for passage in first
        ]
        return hits, Evidence((where,)) if is_name(what.text) else NO_EVIDENCE


def _with_forms(view: StoreView, what: Identifier, documents: Collection[int] | None) -> list[int]:
    """Return passages that hold every word in some form, where there are words only."""
    if what.alike is not None or any(map(str.isdigit, what.text)):
        return []
    _, languages = languages_of(what.text, view)
    words = [token.forms for token in analyzer.tokens(what.text, languages) if not token.stop]
    rarest = rarest_words(view, what.spellings)
    if not words or not rarest:
        return []
    ids = [match.passage_id for match in view.search_lexical([rarest], DEPTH, documents)]
    holding: list[int] = []
    for passage in passages_of(view, ids):
        terms = terms_in(passage)
        if not any(terms.isdisjoint(forms) for forms in words):
            holding.append(passage.id)
    return holding


def _one_per_document(
    view: StoreView, ids: Sequence[int], where: Occurrences, limit: int
) -> list[Passage]:
    """Return the first passage of each document, then the others.

    Of a document that has it only in its name or title, its first passage stands for it.
    """
    firsts: dict[int, Passage] = {}
    others: list[Passage] = []
    for passage in passages_of(view, ids):
        if passage.document.id in firsts:
            others.append(passage)
        else:
            firsts[passage.document.id] = passage
    if len(firsts) < limit and where.named - firsts.keys():
        for info in view.documents():
            deadlines.check()
            if info.id in where.named and info.id not in firsts and info.passages:
                firsts[info.id] = view.paragraph(document_id(info.path), 1)
    return [*firsts.values(), *others][:limit]


def sentence_with(what: Identifier, passage: Passage, sentences: Sentences) -> tuple[int, int]:
    """Return the first sentence that holds it, or the first of all."""
    spans = [(span.start, span.end) for span in sentences.spans]
    for start, end in spans:
        if what.stands_in(plain(passage.text[start:end])):
            return (start, end)
    return spans[0]
