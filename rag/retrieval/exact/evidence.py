"""What a question names, where it stands, and which candidates hold it.

A passage holds an identifier itself, in its headings, columns and mail's fields, or by the name
and title of its document. Near it stands a passage of a document that holds it elsewhere, unless
that passage belongs to another one of the same shape: itself, or by the passages above it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from rag import deadlines
from rag.answers import Missing
from rag.ids import document_id
from rag.query.exact.identifier import Identifier
from rag.retrieval.exact.occurrences import Occurrences, name_of, text_of
from vector_store.base import StoreView
from vector_store.records import Passage

_ABOVE = 8
"""How many preceding passages are searched for the identifier that a passage belongs to."""


class Tier(IntEnum):
    """How well a passage matches the question's identifiers; lower tiers are shown first."""

    IS_IT = 0
    """It is the very part: the clause itself, where others refer to it."""
    HOLDS = 1
    HOLDS_SOME = 2
    """It holds one of several of the same shape."""
    NEAR = 3
    OTHER = 4
    """It holds none, or another: no answer by itself."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The identifiers of a question and where they stand."""

    occurrences: tuple[Occurrences, ...] = ()
    only: bool = False
    """Whether the rest is only question words: then any passage that contains them answers."""
    bare: bool = False
    """Whether the question is nothing else."""

    @property
    def required(self) -> tuple[Occurrences, ...]:
        """Those without which a passage is no answer."""
        return tuple(one for one in self.occurrences if one.identifier.strict or self.bare)


NO_EVIDENCE = Evidence()


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of a question beside its passages."""

    evidence: Evidence = NO_EVIDENCE
    missing: tuple[Missing, ...] = ()
    """What it names that stands in no document."""
    declined: bool = False
    """Whether that is why nothing answers."""
    passages: int = 0
    """How many the library holds."""
    tiers: Mapping[int, Tier] = field(default_factory=dict)
    """Of each candidate, by its passage's id."""


NO_FINDINGS = Findings()


@dataclass(frozen=True, slots=True)
class CandidateTiers:
    """What candidates hold of what a question names."""

    tiers: dict[int, Tier]
    """Of each passage, by its id."""
    preferred: frozenset[int] = frozenset()
    """Ids of passages with what is asked for, where others may answer without it."""
    part_is_document: bool = False
    """Whether the question names a whole document, any passage of which may answer."""
    missing: tuple[Missing, ...] = ()
    """The identifiers that stand in no document."""
    declined: bool = False
    """Whether nothing can answer, because something required stands nowhere."""


def tiers_of(view: StoreView, evidence: Evidence, passages: Sequence[Passage]) -> CandidateTiers:
    """Tell how the candidates of a question stand to what it names.

    Raises DeadlineExceededError, CancelledWorkError.
    """
    if not evidence.occurrences:
        return CandidateTiers(dict.fromkeys((p.id for p in passages), Tier.HOLDS))
    texts = [_Texts.of(passage) for passage in passages]
    identifiers = [one.identifier for one in evidence.occurrences]
    absent = [one for one in evidence.occurrences if not _stands(one, texts)]
    ruled_out = [one for one in absent if _is_ruled_out(one, evidence, texts)]
    # An identifier that cannot be ruled out, such as a small number, is not required.
    required = [one for one in evidence.required if one not in absent or one in ruled_out]
    groups = _siblings(required)
    nowhere = [all(one in ruled_out for one in group) for group in groups]
    tiers: dict[int, Tier] = {}
    for text in texts:
        deadlines.check()
        tiers[text.passage.id] = _tier(view, groups, identifiers, text) if required else Tier.HOLDS
    lenient = [one for one in evidence.occurrences if one not in evidence.required]
    for one in lenient:
        for text in texts:
            deadlines.check()
            if _is_about_another(one.identifier, identifiers, text):
                tiers[text.passage.id] = Tier.OTHER
    parts = [one.identifier for one in required if one.identifier.names_part]
    return CandidateTiers(
        tiers,
        frozenset(text.passage.id for text in texts if _holds_any(lenient, text)),
        bool(parts) and all(part.label is None for part in parts),
        tuple(Missing("identifier", one.identifier.text, "documents") for one in ruled_out),
        any(nowhere),
    )


@dataclass(frozen=True, slots=True)
class _Texts:
    """A passage with its plain text and its document's plain name."""

    passage: Passage
    own: str
    name: str

    @classmethod
    def of(cls, passage: Passage) -> "_Texts":
        return cls(passage, text_of(passage), name_of(passage.document))


def _stands(one: Occurrences, texts: Iterable[_Texts]) -> bool:
    return bool(one.documents) or any(one.identifier.stands_in(text.own) for text in texts)


def _is_ruled_out(one: Occurrences, evidence: Evidence, texts: Sequence[_Texts]) -> bool:
    """Tell whether an identifier that no candidate contains is certain to occur nowhere.

    Clause 9 is, if no passage contains a "9", or if a candidate has the number of another clause.
    """
    if not one.complete:
        return False
    is_sure = one.identifier.can_be_ruled_out or not one.has_words
    if is_sure and one in evidence.required:
        return True
    identifiers = [other.identifier for other in evidence.occurrences]
    return any(_is_about_another(one.identifier, identifiers, text) for text in texts)


def _is_about_another(
    identifier: Identifier, identifiers: Sequence[Identifier], text: _Texts
) -> bool:
    """Tell whether a passage holds another of an identifier's shape, and not it."""
    if identifier.stands_in(text.own):
        return False
    return _other_in(identifier, identifiers, text.own) or (
        not identifier.stands_in(text.name) and _other_in(identifier, identifiers, text.name)
    )


def _other_in(identifier: Identifier, identifiers: Sequence[Identifier], text: str) -> bool:
    """Tell whether a text holds another of the shape that the question does not name as well."""
    for one in identifiers:
        if one is not identifier and one.shape == identifier.shape:
            text = one.pattern.sub(" ", text)
    return identifier.other_in(text)


def _siblings(sought: Sequence[Occurrences]) -> list[list[Occurrences]]:
    """Return those of one shape together: a passage about one of them answers in part."""
    groups: dict[str, list[Occurrences]] = {}
    for one in sought:
        groups.setdefault(one.identifier.shape, []).append(one)
    return list(groups.values())


def _holds_any(occurrences: Iterable[Occurrences], text: _Texts) -> bool:
    return any(one.identifier.stands_in(f"{text.own}\n{text.name}") for one in occurrences)


def _tier(
    view: StoreView,
    groups: Sequence[Sequence[Occurrences]],
    identifiers: Sequence[Identifier],
    text: _Texts,
) -> Tier:
    """Return the worst of a passage's tiers, one for each kind of identifier."""
    worst = Tier.IS_IT
    for group in groups:
        tiers = [_tier_for(view, one, identifiers, text) for one in group]
        best = min(tiers)
        if max(tiers) > Tier.HOLDS >= best:
            best = Tier.HOLDS_SOME
        worst = max(worst, best)
    return worst


def _tier_for(
    view: StoreView, one: Occurrences, identifiers: Sequence[Identifier], text: _Texts
) -> Tier:
    identifier = one.identifier
    if identifier.stands_in(text.own):
        is_it = identifier.label is not None and identifier.label.search(text.own) is not None
        return Tier.IS_IT if is_it else Tier.HOLDS
    if _is_about_another(identifier, identifiers, text):
        return Tier.OTHER
    if identifier.stands_in(text.name):
        return Tier.HOLDS
    if text.passage.document.id not in one.documents:
        return Tier.OTHER
    return Tier.NEAR if _is_under(view, identifier, identifiers, text.passage) else Tier.OTHER


def _is_under(
    view: StoreView, identifier: Identifier, identifiers: Sequence[Identifier], passage: Passage
) -> bool:
    """Tell whether the nearest identifier of this shape above a passage, if any, is this one."""
    if identifier.names_part and identifier.label is None:
        return True  # a whole document is named
    span = passage.paragraph
    place = view.passage_at(document_id(passage.document.path), span.start, span.end, around=_ABOVE)
    for above in reversed(place.before):
        text = text_of(above)
        if identifier.stands_in(text):
            return True
        if _other_in(identifier, identifiers, text):
            return False
    return True
