"""The page's own styles and scripts, put into the head of the page that Gradio serves.

Gradio's own way to add to the head puts it in place when its scripts have run, a second later.
"""

from collections.abc import Iterable
from importlib.resources import files

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.text.html_escaping import Html

_HEAD, _HEAD_END = Html("<head>"), Html("</head>")
_STYLES = ("base", "answers", "shelf", "reader", "narrow")
_SCRIPTS = ("core", "early", "asking", "reading", "shelf", "keeping", "start")


def asset(name: str) -> str:
    """Return the text of a file in `assets/`."""
    return (files("ui") / "assets" / name).read_text(encoding="utf-8")


def style(*names: str) -> Html:
    """Return style sheets of `assets/` as an element."""
    return Html("<style>{}</style>").format(_own(f"{name}.css" for name in names))


def _own(names: Iterable[str]) -> Html:
    """Return files of `assets/`, which may hold no text but the page's own, as they stand."""
    return Html().join(Html(asset(name)) for name in names)


class Heading:
    """Adds styles and scripts to the page at `/`; nothing is fetched from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        """Add to what `app` serves."""
        self._app = app
        script = _own(f"{name}.js" for name in _SCRIPTS)
        # The script first, so that it waits for no style; the style last, so that it prevails.
        first = Html("{}<script>(() => {{ 'use strict';\n{}\n}})();</script>").format(_HEAD, script)
        last = style(*_STYLES) + _HEAD_END
        self._first, self._last = first.encode(), last.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to the page if it is asked for."""
        root = scope.get("root_path", "").rstrip("/")
        if scope["type"] != "http" or scope["path"].removeprefix(root) != "/":
            await self._app(scope, receive, send)
            return
        started: Message = {}
        body = b""

        async def send_with_head(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                started = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            page = body.replace(_HEAD.encode(), self._first, 1)
            page = page.replace(_HEAD_END.encode(), self._last, 1)
            if scope["method"] != "HEAD":
                MutableHeaders(scope=started)["Content-Length"] = str(len(page))
            await send(started)
            await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, send_with_head)
