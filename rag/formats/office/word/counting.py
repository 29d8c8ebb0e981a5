"""How Word counts the paragraphs of its lists (ECMA-376 Part 1, 17.9; [MS-DOC] 2.4.6.3).

Lists with one definition count on from one another, unless a list starts a level anew.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rag.formats.office.word.number_formats import is_drawn, padded, written

LEVELS = 9
_PLACEHOLDER = re.compile("%([1-9])")
_LONGEST_PATTERN = 200  # characters; a number of more is none


@dataclass(frozen=True, slots=True)
class ListLevel:
    """A level of a list."""

    start: int = 0
    numbering: str = "decimal"
    sample: str = ""
    """Of a format of its own, as "001, 002"."""
    pattern: str = ""
    """As "%1.%2", where %2 is the number of the second level."""
    restart: int | None = None
    """It counts anew after this level, from 1, or one above; None: after any above; 0: never."""
    gap: str = " "
    legal: bool = False
    """Whether the numbers of all levels are shown in digits."""
    style: str = ""
    """The paragraph style that is numbered with this level."""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ListUse:
    """A list of paragraphs, in a definition that it may share with others."""

    definition: str
    starts: Mapping[int, int]
    """Where a level, from 0, starts anew when this list first comes to it."""
    levels: Mapping[int, ListLevel]
    """The levels that are not as the definition has them."""


class Counting:
    """The lists of a document, by their ids, and how far each has counted."""

    def __init__(
        self,
        lists: Mapping[str, ListUse],
        definitions: Mapping[str, Mapping[int, ListLevel]],
    ) -> None:
        """Begin before the first paragraph."""
        self.lists = lists
        self._definitions = definitions
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def level(self, list_id: str, level: int) -> ListLevel:
        """Return a level of a list."""
        use = self.lists[list_id]
        if level in use.levels:
            return use.levels[level]
        return self._definitions.get(use.definition, {}).get(level, ListLevel())

    def next(self, list_id: str, level: int) -> str:
        """Count a paragraph and return its number, with the space behind it; none of bullets."""
        use, here = self.lists[list_id], self.level(list_id, level)
        count = self._counts.setdefault(use.definition, {})
        anew = (list_id, level) not in self._begun and level in use.starts
        if anew or level not in count:
            count[level] = use.starts.get(level, here.start)
        else:
            count[level] += 1
        self._begun.add((list_id, level))
        for deeper in [one for one in count if one > level]:
            after = self.level(list_id, deeper).restart
            if after is None or level < after:
                del count[deeper]
        if here.hidden or not is_drawn(here.numbering) or len(here.pattern) > _LONGEST_PATTERN:
            return ""

        def drawn(placeholder: re.Match[str]) -> str:
            which = int(placeholder[1]) - 1
            counted = self.level(list_id, which)
            reached = count.get(which, use.starts.get(which, counted.start))
            return _written(reached, counted, legal=here.legal)

        text = _PLACEHOLDER.sub(drawn, here.pattern)
        return f"{text}{here.gap}" if text.strip() else ""


def _written(reached: int, level: ListLevel, *, legal: bool) -> str:
    own: Callable[[int], str] | None = padded(level.sample)
    if legal and level.numbering not in ("decimalZero", "none"):
        return str(reached)
    return own(reached) if own else written(reached, level.numbering)
