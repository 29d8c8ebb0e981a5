"""The page's own styles and scripts, in the head of the page that Gradio serves.

Gradio can add to the head too, but only once its scripts have run, a second later.
"""

from collections.abc import Iterable
from importlib.resources import files

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.text.html_escaping import Html

_HEAD, _HEAD_END = Html("<head>"), Html("</head>")
_MANIFEST = Html('<link rel="manifest" href="/manifest.json" />').encode()
"""Gradio's, of an application to install, which this page is not."""
_STYLES = (
    *("base", "answers", "shelf", "documents", "timeline", "reader", "lists", "cases"),
    "narrow",
)
_SCRIPTS = (
    *("core", "early", "asking", "reading", "sheets", "finding", "documents", "timeline"),
    *("shelf", "adding", "keeping", "cases", "conversations", "lists", "start"),
)


def asset(name: str) -> str:
    """Return the text of a file in `assets/`."""
    return (files("ui") / "assets" / name).read_text(encoding="utf-8")


def style(*names: str) -> Html:
    """Return style sheets of `assets/` as one element."""
    return Html("<style>{}</style>").format(_assets(f"{name}.css" for name in names))


def _assets(names: Iterable[str]) -> Html:
    """Return files of `assets/` unescaped: they contain no text but the page's own."""
    return Html().join(Html(asset(name)) for name in names)


class Heading:
    """Adds the styles and scripts to the page at `/`; the browser fetches none elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        """Add to the page that `app` serves."""
        self._app = app
        script = _assets(f"{name}.js" for name in _SCRIPTS)
        # The script comes first, so that no style delays it; the style last, so that it prevails.
        start = Html("{}<script>(() => {{ 'use strict';\n{}\n}})();</script>").format(_HEAD, script)
        end = style(*_STYLES) + _HEAD_END
        self._head, self._head_end = start.encode(), end.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; complete the head if the response is the page."""
        root = scope.get("root_path", "").rstrip("/")
        if scope["type"] != "http" or scope["path"].removeprefix(root) != "/":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def send_with_head(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message  # sent once the length of the body is known
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            page = body.replace(_HEAD.encode(), self._head, 1).replace(_MANIFEST, b"")
            page = page.replace(_HEAD_END.encode(), self._head_end, 1)
            if scope["method"] != "HEAD":
                MutableHeaders(scope=start)["Content-Length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, send_with_head)
