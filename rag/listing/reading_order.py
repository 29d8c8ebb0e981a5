"""The order in which the passages after the best few are read, without end.

It is the first order of the two searches, of which each goes four times as deep as the one before.
Where only some passages are admitted, those that hold an exact phrase or what a question asks the
mentions of, these are all of them, by meaning or by document.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from rag import deadlines
from rag.answers import Hit
from rag.listing.mentions import candidates_for, spans_of
from rag.query.conditions import Admission
from rag.query.exact.mentions import mentioned
from rag.query.query import AnalyzedQuestion
from rag.query.syntax import Search
from rag.retrieval import candidates
from rag.retrieval.candidates import Candidates
from rag.retrieval.exact.evidence import NO_EVIDENCE, Evidence
from rag.retrieval.exact.holders import evidence_of, with_holders
from rag.retrieval.exact.mentioning import sentence_with
from rag.retrieval.phrase_filter import Selection
from vector_store.base import StoreView
from vector_store.records import Passage

_DEEPER = 4
_BATCH = 100


class ReadingOrder:
    """Gives the ids of passages in order, a part at a time; the same for the same edition."""

    def __init__(
        self,
        view: StoreView,
        search: Search,
        question: AnalyzedQuestion,
        documents: Collection[int] | None,
    ) -> None:
        """Order the passages of these documents, or of all, for a search and its analysis."""
        self._view, self._search = view, search
        self._question, self._documents = question, documents
        self._depth = 0
        self._ids: dict[int, None] = {}
        self._is_whole = False
        self._admission = None if search.admits_all else Admission(search)
        what = mentioned(search.words) if search.admits_all else None
        holding = candidates_for(view, what.text, documents) if what else []
        self._what = what if holding else None
        self.evidence: Evidence = NO_EVIDENCE
        """What the question names, and where that stands."""
        self._candidates = self._search_to(candidates.CANDIDATES)
        if self._what is not None:
            self._set_all(holding)
        elif search.phrases:
            self._set_all(self._with_phrases())
        elif search.admits_all:
            self.evidence = evidence_of(view, search.wording, documents)

    def after(self, position: int, most: int, leave: Collection[int]) -> tuple[list[int], int]:
        """Return up to `most` ids from a position on, and the position after them.

        Those in `leave`, and passages that the search does not admit, are passed over. Raises
        DeadlineExceededError, CancelledWorkError.
        """
        taken: list[int] = []
        while len(taken) < most:
            deadlines.check()
            self._deepen(position + _BATCH)
            batch = list(self._ids)[position : position + min(_BATCH, most - len(taken))]
            if not batch:
                break
            position += len(batch)
            left = [i for i in batch if i not in leave]
            taken += [p.id for p in self._view.passages(left) if self._admits(p)]
        return taken, position

    def ends_at(self, position: int) -> bool:
        """Tell whether nothing comes after a position."""
        self._deepen(position + 1)
        return position >= len(self._ids)

    def certain(self, ids: Sequence[int]) -> list[Hit] | None:
        """Return passages as certain answers where the question asks for mentions; else None."""
        what = self._what
        if what is None:
            return None
        cosines = self._view.similarities(self._question.vector, ids)
        sentences = self._view.sentences(ids)
        return [
            Hit(passage, 1.0, 1.0, sentence_with(what, passage, sentences[passage.id]), None,
                cosines[passage.id], None, None)
            for passage in self._view.passages(ids)
        ]  # fmt: skip

    def candidates_with(self, ids: Sequence[int]) -> Candidates:
        """Return what the searches told, with the similarities of all these passages."""
        more = [i for i in ids if i not in self._candidates.cosines]
        cosines = self._view.similarities(self._question.vector, more)
        return replace(self._candidates, cosines={**self._candidates.cosines, **cosines})

    def _admits(self, passage: Passage) -> bool:
        if self._what is not None:
            return bool(spans_of(self._what, passage.text))
        return self._admission is None or self._admission.admits(passage.text)

    def _search_to(self, depth: int) -> Candidates:
        self._depth = depth
        return candidates.search(self._view, self._question, depth, self._documents)

    def _set_all(self, ids: Collection[int]) -> None:
        self._ids, self._is_whole = dict.fromkeys(ids), True

    def _with_phrases(self) -> list[int]:
        """Return the passages with the words of every phrase, the nearest in meaning first."""
        holding: set[int] | None = None
        for phrase in self._search.phrases:
            ids = set(candidates_for(self._view, phrase, self._documents))
            holding = ids if holding is None else holding & ids
        near = self._view.similarities(self._question.vector, holding or ())
        return sorted(near, key=lambda i: (-near[i], i))

    def _deepen(self, most: int) -> None:
        """Search deeper until `most` passages are ordered, or all of them."""
        while len(self._ids) < most and not self._is_whole:
            deadlines.check()
            if self._ids:
                self._candidates = self._search_to(self._depth * _DEEPER)
            selection = Selection(self._candidates, (), lambda passage: True)
            selection = with_holders(self._view, self._question, selection, self.evidence)
            before = len(self._ids)
            self._ids |= dict.fromkeys(selection.candidates.order)
            self._candidates = replace(
                self._candidates,
                cosines={**selection.candidates.cosines, **self._candidates.cosines},
            )
            ordered = len(self._candidates.order)
            self._is_whole = ordered < self._depth or (before > 0 and len(self._ids) == before)
