"""What is known of a page before its text is read: the whole of it was looked through for that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rag.formats.markup.pages.forms import Forms
from rag.formats.markup.pages.notes import Notes
from rag.formats.safe_xml import Element


@dataclass(frozen=True, slots=True)
class Guide:
    """What is known of a page before its text is read."""

    leave_out: Callable[[Element], bool]
    notes: Notes
    forms: Forms
    numbers: Mapping[Element, str]
    """What is drawn before the items of lists."""
    tabs: Mapping[Element, Element]
    """Of each panel the tab, or the heading, that shows it."""
    places: Mapping[Element, tuple[str, bool]] = field(default_factory=dict)
    """Where places begin: their label, and whether earlier headings end there."""
