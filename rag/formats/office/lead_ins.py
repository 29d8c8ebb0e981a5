"""Lists kept with the words that lead in to them: "Before leaving, close:" and what to close."""

import re
from collections.abc import Callable

from rag.formats.extract import Gathering

_LONGEST_LIST = 1_200
"""Characters, as of a list of Markdown; a longer one is cited item by item."""
_LONGEST_LEAD_IN = 400
"""Characters; more is a paragraph that happens to end with a colon."""
_DEEPEST = 9
_PARAGRAPH = -1  # the depth of what is no list's item
_TYPED = (
    re.compile(r"\(?\d{1,3}[.)]\s+\S"),
    re.compile(r"\(?(?:[a-zA-Z]|[ivx]{2,5})[.)]\s+\S"),
    re.compile(r"[-*+•‣◦–·▪➢]\s+\S"),
)

Item = tuple[int, str]
"""The depth of a list's item, from 0, and its text."""


def typed_depth(text: str) -> int | None:
    """Return the depth of an item whose number or bullet is typed; None for other text."""
    return next((depth for depth, marked in enumerate(_TYPED) if marked.match(text)), None)


class LeadIns:
    """Paragraphs on their way to a gathering; those that lead in to a list wait for its end."""

    def __init__(self, gathered: Gathering) -> None:
        """Begin with nothing waiting."""
        self._gathered = gathered
        self._lead: Item | None = None
        self._items: list[Item] = []
        self._after: list[Callable[[], None]] = []

    def add(
        self,
        text: str,
        level: int | None = None,
        depth: int | None = None,
        after: Callable[[], None] | None = None,
    ) -> None:
        """Add a paragraph; a heading if it has a level, an item of a list if it has a depth.

        `after` gathers what comes after the paragraph, and after its list, such as its notes.
        """
        depth = _PARAGRAPH if depth is None else min(depth, _DEEPEST)
        if text.strip():
            if self._lead is not None and level is None and depth > self._lead[0]:
                self._items.append((depth, text))
            else:
                self.flush()
                if level is None and _leads_in(text):
                    self._lead = (depth, text)
                else:
                    self._gathered.add(text, level)
        if after is not None:
            self._after.append(after)
            if self._lead is None:
                self.flush()

    def begin_list(self) -> None:
        """Begin a list that is one block if nothing leads in to it."""
        if self._lead is None:
            self._lead = (_PARAGRAPH, "")

    def end_list(self) -> None:
        """End a list: what comes next does not belong to it, unless it leads in to that."""
        if self._lead is not None and not self._lead[1]:
            self.flush()

    def flush(self) -> None:
        """Add what waits."""
        while self._lead is not None or self._after:
            lead, items, after = self._lead, self._items, self._after
            self._lead, self._items, self._after = None, [], []
            if lead is not None:
                self._gather(lead[1], items, "")
            for gather in after:
                gather()

    def _gather(self, lead: str, items: list[Item], above: str) -> None:
        """Add a list as one block with its lead-in; a long one by items, each under the lead-in."""
        if len(lead) + sum(len(text) for _, text in items) <= _LONGEST_LIST:
            self._gathered.add("\n".join([lead, *(text for _, text in items)]), lead_in=above)
            return
        self._gathered.add(lead, lead_in=above)
        under = " ".join(lead.split())
        at = 0
        while at < len(items):
            depth, text = items[at]
            end = at + 1
            while _leads_in(text) and end < len(items) and items[end][0] > depth:
                end += 1
            self._gather(text, items[at + 1 : end], under)
            at = end


def _leads_in(text: str) -> bool:
    return text.rstrip().endswith((":", "：")) and len(text) <= _LONGEST_LEAD_IN
