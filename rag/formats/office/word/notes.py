"""The marks of footnotes and endnotes, as Word draws them (ECMA-376 Part 1, 17.11)."""

from dataclasses import dataclass, field

from rag.formats.office.word.number_formats import written
from rag.formats.office.word.shown import child, number, value
from rag.formats.safe_xml import Element, attribute, local

Note = tuple[str, str]
"""The kind of a note, "footnote" or "endnote", and its id."""

_KINDS = {"footnoteReference": "footnote", "endnoteReference": "endnote"}
_NUMBERINGS = {"footnote": "decimal", "endnote": "lowerRoman"}


@dataclass(slots=True)
class _Section:
    """The notes of a section, each with the page it is on, counted from where Word last broke."""

    notes: list[tuple[Note, int]] = field(default_factory=list)


def note_marks(root: Element, settings: Element | None) -> dict[Note, str]:
    """Return the mark of each note that a body refers to, other than those typed."""
    reached: dict[str, int] = {}
    marks: dict[Note, str] = {}
    section = _Section()
    ended: Element | None = None
    page = 0
    for element in root.iter():
        kind = local(element)
        if kind == "p" and ended is not None:
            _mark(section, (ended, settings), reached, marks)
            section, ended = _Section(), None
        elif kind == "sectPr":
            ended = element  # the section goes on to the end of this paragraph
        elif kind == "lastRenderedPageBreak":
            page += 1
        elif kind in _KINDS and attribute(element, "customMarkFollows") not in ("1", "true", "on"):
            section.notes.append(((_KINDS[kind], attribute(element, "id")), page))
    _mark(section, (ended, settings), reached, marks)
    return marks


def _mark(
    section: _Section,
    properties: tuple[Element | None, Element | None],
    reached: dict[str, int],
    marks: dict[Note, str],
) -> None:
    """Set the marks of a section's notes, which count on from those before it."""
    before: dict[str, int] = {}
    for kind, numbering in _NUMBERINGS.items():
        said = [child(one, f"{kind}Pr") for one in properties]
        start = number(_first(said, "numStart")) or 1
        restart = _first(said, "numRestart")
        if restart == "eachSect":
            reached.pop(kind, None)
        for note, page in (one for one in section.notes if one[0][0] == kind):
            if restart == "eachPage" and before.get(kind) != page:
                reached.pop(kind, None)
            before[kind] = page
            reached[kind] = reached[kind] + 1 if kind in reached else start
            marks[note] = written(reached[kind], _first(said, "numFmt") or numbering)


def _first(elements: list[Element | None], kind: str) -> str:
    return next((text for one in elements if (text := value(one, kind))), "")
