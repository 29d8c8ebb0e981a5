"""A report that the documents do not answer a question: what was searched, and what was nearest.

It can be cited, as a quote can: it says when and with what the search was made, which files could
not be read, and the digest by which the documents are known. Paths on this machine are left out.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rag.answers import Answer, CitedPassage, Quoted, missing_sentences, percent
from rag.casework.records import CaseQuestion, SearchMade
from rag.errors import QuestionError
from rag.export.blocks import Block, quote_blocks
from rag.export.markdown import markdown
from rag.library import Library
from rag.query.scope import Searched
from rag.retrieval.calibration import likelihood
from rag.text.plurals import counted
from vector_store.records import DocumentInfo, UnreadFile

_MOST_UNREAD = 100
LIMITS = (
    "Quoth ranks passages by the estimated probability that they answer. A passage may answer in "
    "words that it does not recognise: this report shows that the search found no answer, not that "
    "there is none."
)
"""What a report that nothing was found does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceReport:
    """A search without an answer, and the state of the library that was searched."""

    answer: Answer
    moment: datetime
    """When it was searched, in UTC."""
    where: tuple[str, ...]
    """The patterns that limited the search; none for all documents."""
    unread: tuple[UnreadFile, ...]
    """All files of the library that could not be read."""
    quoth: str
    """The version of Quoth."""
    model: str
    documents_digest: str
    """SHA-256 of the sorted SHA-256 digests of all documents, each followed by a line feed."""


def absence_report(
    library: Library, answer: Answer, *, where: Sequence[str] = (), moment: datetime | None = None
) -> AbsenceReport:
    """Return the report of an answer that the library has just given; `moment` is now by default.

    Raises QuestionError when the answer is not that nothing was found.
    """
    if answer.state != "not_found":
        raise QuestionError(
            "There is no absence to report: passages answer this question, or may. Ask for them "
            "without a report."
        )
    model = library.model
    with library.store.view() as view:
        documents, unread = view.documents(), view.unread()
    return AbsenceReport(
        answer=answer,
        moment=moment or datetime.now(UTC),
        where=tuple(where),
        unread=tuple(unread),
        quoth=version("quoth"),
        model=Path(model).name if Path(model).is_absolute() else model,
        documents_digest=_digest_of(documents),
    )


def _digest_of(documents: Sequence[DocumentInfo]) -> str:
    digests = sorted({info.sha256 for info in documents})
    return hashlib.sha256("".join(f"{one}\n" for one in digests).encode()).hexdigest()


def _as_docx(blocks: Sequence[Block]) -> bytes:
    from rag.export.docx import docx  # loads python-docx

    return docx(blocks)


_WRITERS: dict[str, Callable[[Sequence[Block]], bytes]] = {"markdown": markdown, "docx": _as_docx}


def written(report: AbsenceReport, format: str) -> bytes:
    """Return a report as a file, in the format "markdown" or "docx"."""
    return _WRITERS[format](_blocks(report))


def _blocks(report: AbsenceReport) -> list[Block]:
    answer = report.answer
    blocks = [
        Block("title", "Not found in the documents"),
        Block("above", "Question:"),
        Block("quote", answer.question),
        *(Block("item", fact) for fact in _facts(report)),
    ]
    if answer.missing:
        blocks.append(Block("heading", "What is missing"))
        blocks += [Block("item", sentence) for sentence in missing_sentences(answer.missing)]
    blocks.append(Block("heading", "Nearest passages"))
    for passage in answer.passages:
        blocks += _passage_blocks(passage, answer.threshold)
    if not answer.passages:
        blocks.append(Block("text", "None."))
    blocks += unread_blocks([(file.name, file.reason) for file in report.unread])
    return [*blocks, Block("heading", "What this report shows"), Block("text", LIMITS)]


def _facts(report: AbsenceReport) -> list[str]:
    answer = report.answer
    facts = [f"Only documents matching: {pattern}" for pattern in report.where]
    if answer.search is not None and answer.search.pieces:
        pieces = " ".join(piece.typed for piece in answer.search.pieces)
        facts.append(f"Phrases, exclusions and filters: {pieces}")
    more = []
    if answer.unknown_language is not None:
        more.append(
            f"The model does not know {answer.unknown_language.name}: only the question's words "
            "were searched for, not its meaning"
        )
    if answer.truncated_at is not None:
        more.append(f"Searched for the question's first {answer.truncated_at:,} characters only")
    return search_facts(
        moment=report.moment,
        searched=answer.searched,
        scope=facts,
        carried=answer.carried,
        limits=more,
        quoth=report.quoth,
        model=report.model,
        documents_digest=report.documents_digest,
    )


def search_facts(
    *,
    moment: datetime,
    searched: Searched,
    scope: Sequence[str] = (),
    carried: Sequence[str] = (),
    limits: Sequence[str] = (),
    quoth: str = "",
    model: str = "",
    documents_digest: str = "",
) -> list[str]:
    """Return when and what was searched, in sentences; `scope` and `limits` are such sentences."""
    documents = counted(searched.documents, "document")
    facts = [
        f"Asked: {moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"Searched: {counted(searched.passages, 'passage')} of {documents}",
        *scope,
    ]
    if carried:
        facts.append(f"Words of the previous question: {', '.join(carried)}")
    facts += [*limits, f"Could not be read: {counted(searched.unreadable, 'file')}"]
    if quoth:
        facts.append(f"Searched with: Quoth {quoth}, model {model}")
    if documents_digest:
        facts.append(f"Documents in the library: sha256 {documents_digest} of their sorted digests")
    return facts


def _passage_blocks(passage: CitedPassage, threshold: float) -> list[Block]:
    chance = f"{percent(passage.score)} ({likelihood(passage.score, threshold)})"
    said = f"Estimated probability that it answers: {chance}"
    return [*quote_blocks(_quoted(passage)), Block("text", said)]


def _quoted(passage: CitedPassage) -> Quoted:
    return Quoted(passage.text, passage.citation, passage.headings, passage.columns, passage.fields)


def unread_blocks(unread: Sequence[tuple[str, str]]) -> list[Block]:
    """Return the files that could not be read, by name and reason, the first hundred."""
    if not unread:
        return []
    shown = [Block("item", f"{name}: {reason}") for name, reason in unread[:_MOST_UNREAD]]
    more = len(unread) - len(shown)
    ending = [Block("text", f"And {counted(more, 'more file')}.")] if more else []
    return [Block("heading", "Files of the library that could not be read"), *shown, *ending]


def case_question(report: AbsenceReport) -> CaseQuestion:
    """Return what a case keeps of a report: all but the probabilities of the nearest passages."""
    answer = report.answer
    return CaseQuestion(
        question=answer.question,
        state=answer.state,
        created=report.moment,
        search=SearchMade(
            searched=answer.searched,
            missing=answer.missing,
            carried=answer.carried,
            quoth=report.quoth,
            model=report.model,
            documents_digest=report.documents_digest,
            unread=tuple((file.name, file.reason) for file in report.unread[:_MOST_UNREAD]),
        ),
        nearest=tuple(map(_quoted, answer.passages)),
    )
