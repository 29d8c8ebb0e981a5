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
    for kind, target in related:
        if kind in ("comments", "drawing"):
            try:
                root = package.tree(target)
            except UnreadableFileError as error:
                what = "notes" if kind == "comments" else "text boxes"
                gathered.could_not_read(f"{sheet}, {what}", str(error))
                continue
            for element in root.iter():
                if local(element) == "comment":
                    gathered.place(f"sheet {sheet}, note at {attribute(element, 'ref')}")
                    gathered.add(_runs(element))
                elif local(element) == "sp":
                    gathered.place(f"sheet {sheet}, text box")
                    paragraphs = (e for e in element.iter() if local(e) == "p")
                    gathered.add("\n".join(line for p in paragraphs if (line := _runs(p).strip())))


def _runs(element: Element) -> str:
    return "".join(e.text or "" for e in element.iter() if local(e) == "t")
