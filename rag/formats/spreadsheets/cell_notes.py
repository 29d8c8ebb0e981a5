"""What stands beside the cells of a workbook (.xlsx): notes on cells, and text boxes."""

from rag.errors import UnreadableFileError
from rag.formats.extract import Gathering
from rag.formats.office.ooxml import Package
from rag.formats.safe_xml import Element, attribute, local


def gather_notes(package: Package, part: str, sheet: str, gathered: Gathering) -> None:
    """Gather the notes and text boxes of a sheet, whose cells are in `part`."""
    try:
        related = package.related(part)
    except UnreadableFileError as error:
        gathered.could_not_read(f"{sheet}, notes", str(error))
        return
    kinds = {kind for kind, _ in related}
    for kind, target in related:
        if kind not in ("comments", "threadedComment", "drawing"):
            continue
        try:
            root = package.tree(target)
        except UnreadableFileError as error:
            what = "text boxes" if kind == "drawing" else "notes"
            gathered.could_not_read(f"{sheet}, {what}", str(error))
            continue
        for element in root.iter():
            text = _note(element, is_copied=kind == "comments" and "threadedComment" in kinds)
            if text:
                gathered.place(f"sheet {sheet}, note at {attribute(element, 'ref')}")
                gathered.add(text)
            elif local(element) == "sp":
                gathered.place(f"sheet {sheet}, text box")
                paragraphs = (e for e in element.iter() if local(e) == "p")
                gathered.add("\n".join(line for p in paragraphs if (line := _runs(p).strip())))


def _note(element: Element, *, is_copied: bool) -> str:
    """Return the text of a note, or of a comment that can be replied to.

    Excel copies the latter into notes for older programs, with a remark above; with `is_copied`
    such a note is left out.
    """
    if local(element) == "threadedComment":
        return "".join(e.text or "" for e in element if local(e) == "text")
    text = _runs(element) if local(element) == "comment" else ""
    return "" if is_copied and text.startswith("[Threaded comment]") else text


def _runs(element: Element) -> str:
    return "".join(e.text or "" for e in element.iter() if local(e) == "t")
