"""Office Open XML packages: parts, and the relationships by which one names another."""

from rag.errors import UnreadableFileError
from rag.formats.metadata.properties import NOTHING, Properties
from rag.formats.safe_xml import Element, attribute, local, parse
from rag.formats.safe_zip import Archive, beside


class Package:
    """A package of parts, as .docx and .pptx are."""

    def __init__(self, data: bytes) -> None:
        """Open a package. Raises UnreadableFileError when it is damaged or locked."""
        self.archive: Archive = Archive(data)

    def main_part(self) -> str:
        """Return the name of the part that the package is about."""
        for kind, target in self.related(""):
            if kind == "officeDocument":
                return target
        raise UnreadableFileError("the file is damaged: it does not say where its text is")

    def related(self, part: str) -> list[tuple[str, str]]:
        """Return the kinds and names of the parts that `part` refers to, in order."""
        return [(kind, target) for _, kind, target in self.relations(part)]

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """Return the ids, kinds and names of the parts that `part` refers to, within the file."""
        folder, _, name = part.rpartition("/")
        relations = f"{folder}/_rels/{name}.rels".lstrip("/")
        if not self.archive.has(relations):
            return []
        relations_of_part = []
        for relation in self.tree(relations):
            if local(relation) == "Relationship" and relation.get("TargetMode") != "External":
                kind = attribute(relation, "Type").rpartition("/")[2]
                target = beside(part, attribute(relation, "Target"))
                relations_of_part.append((attribute(relation, "Id"), kind, target))
        return relations_of_part

    def has(self, part: str) -> bool:
        """Tell whether there is such a part."""
        return self.archive.has(part)

    def read(self, part: str) -> bytes:
        """Return a part's bytes. Raises UnreadableFileError."""
        return self.archive.read(part)

    def tree(self, part: str) -> Element:
        """Return a part's XML. Raises UnreadableFileError."""
        return parse(self.archive.read(part), part)

    def properties(self) -> Properties:
        """Return the title, author and date in the package's core properties."""
        for kind, target in self.related(""):
            if kind == "core-properties" and self.has(target):
                try:
                    core = self.tree(target)
                except UnreadableFileError:
                    return NOTHING  # nothing of the text is missing
                stated = {local(e): e.text or "" for e in core}
                authors = stated.get("creator", "").split(";")
                return Properties.of(stated.get("title", ""), authors, stated.get("created", ""))
        return NOTHING
