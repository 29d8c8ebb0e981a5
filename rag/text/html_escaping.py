"""HTML by construction: text becomes HTML by being escaped, in one place, here."""

from typing import Any, Self

import markupsafe

from rag.text.encodings import encodable


class Html(markupsafe.Markup):
    """A piece of HTML, which escapes what is put into it by `format`, `join`, `+` or `replace`.

    Only what is HTML already is put in as it stands. It is written as `Html("...")` around a
    literal, and a test holds that; a value's place is a text or an attribute in double quotes.
    """

    __slots__ = ()

    @classmethod
    def escape(cls, s: Any, /) -> Self:
        """Return text that a browser shows, and gives back by textContent, as it stands.

        But for NUL and lone surrogates, which no page can hold: they become U+FFFD. What is HTML
        already is returned as it is.
        """
        if isinstance(s, markupsafe.Markup):
            return cls(s)
        safe = encodable(str(s)).replace("\0", "\N{REPLACEMENT CHARACTER}")
        # An HTML parser would turn a raw carriage return into a line feed.
        return cls(str(markupsafe.escape(safe)).replace("\r", "&#13;"))
