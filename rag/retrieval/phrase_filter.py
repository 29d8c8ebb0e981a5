"""The candidates that are weighed for a search, of which some may be filtered out.

Without exact phrases or exclusions these are simply the first candidates. With them, whether a
passage is admitted is decided on its text, and more are fetched until enough are admitted. Only
the first of all and those that are admitted are then weighed.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from rag import deadlines
from rag.query.conditions import Admission
from rag.query.query import AnalyzedQuestion, languages_of
from rag.query.syntax import Search
from rag.retrieval import candidates
from rag.retrieval.candidates import Candidates
from rag.retrieval.ranking import READ
from rag.retrieval.trace import stage
from vector_store.analysis import analyzer
from vector_store.base import StoreView
from vector_store.records import Passage

_PHRASE_DEPTH = 2_000
"""How many passages with the words of a phrase are searched for the phrase itself."""
_FIRST_LIMIT = 60
_LAST_LIMIT = 4_000
"""No more are fetched once this many were; the last round has under four times as many."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The candidates of a search that are weighed."""

    candidates: Candidates
    places: Sequence[int]
    """Of each in the first order, from 0, ascending."""
    admits: Callable[[Passage], bool]
    """Whether one of them may be shown."""

    @property
    def ids(self) -> list[int]:
        """The ids of the passages, in the first order."""
        return [self.candidates.order[place] for place in self.places]


def select(
    view: StoreView,
    search: Search,
    question: AnalyzedQuestion,
    limit: int,
    documents: Collection[int] | None,
) -> Selection:
    """Select what is weighed to show `limit` passages of these documents, or of all.

    `question` is the search's words, analysed. Raises DeadlineExceededError, CancelledWorkError.
    """
    if search.admits_all:
        found = candidates.search(view, question, limit, documents)
        count = min(max(READ, limit), len(found.order))
        return Selection(found, range(count), lambda passage: True)
    with stage("filter"):
        return _filtered(view, search, question, limit, documents)


def _filtered(
    view: StoreView,
    search: Search,
    question: AnalyzedQuestion,
    limit: int,
    documents: Collection[int] | None,
) -> Selection:
    admitted = _AdmittedPassages(view, search)
    documents = _with_phrases(view, search, admitted, documents)
    depth = max(_FIRST_LIMIT, limit)
    while True:
        deadlines.check()
        found = candidates.search(view, question, depth, documents)
        passing = admitted.among(found.order[:depth])
        if len(passing) >= limit or len(found.order) < depth or depth >= _LAST_LIMIT:
            break
        depth *= 4
    first = min(READ, len(found.order))
    after = (at for at in range(first, len(found.order)) if found.order[at] in passing)
    places = [*range(first), *islice(after, limit)]
    return Selection(found, places, lambda passage: passage.id in passing)


class _AdmittedPassages:
    """The passages that a search admits; the text of each is read once."""

    def __init__(self, view: StoreView, search: Search) -> None:
        self._view = view
        self._admission = Admission(search)
        self._documents: dict[int, int | None] = {}
        """The document of each passage that is admitted, None of one that is not, by its id."""

    def among(self, passage_ids: Sequence[int]) -> dict[int, int]:
        """Return those that are admitted, in the order given, each with its document's id.

        Raises DeadlineExceededError, CancelledWorkError.
        """
        unread = [i for i in passage_ids if i not in self._documents]
        self._documents.update(dict.fromkeys(unread))
        for passage in candidates.passages_of(self._view, unread):
            if self._admission.admits(passage.text):
                self._documents[passage.id] = passage.document.id
        documents = ((i, self._documents[i]) for i in passage_ids)
        return {i: document for i, document in documents if document is not None}


def _with_phrases(
    view: StoreView,
    search: Search,
    admitted: _AdmittedPassages,
    documents: Collection[int] | None,
) -> Collection[int] | None:
    """Return the documents without those that lack a passage with the phrases."""
    for phrase in search.phrases:
        deadlines.check()
        _, languages = languages_of(phrase, view)
        words = list(dict.fromkeys(token.forms for token in analyzer.tokens(phrase, languages)))
        matches = view.search_lexical(words, _PHRASE_DEPTH, documents) if words else []
        if not matches:  # of signs only, or of words that are in no passage
            continue
        documents = frozenset(admitted.among([match.passage_id for match in matches]).values())
        if not documents:
            break
    return documents
