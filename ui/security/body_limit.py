"""A limit on the bodies of requests, which are held in memory."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.page.export_routes import LARGEST_BODY, TOO_MANY_QUOTES
from ui.serving.gradio_mounts import path_within


@dataclass(frozen=True, slots=True)
class _Limit:
    """The largest body of a request, in bytes, and the refusal of a larger one."""

    size: int
    refusal: str


_GENERAL = _Limit(4 << 20, "A request may have 4 MiB at most")
"""As much as MCP's own SDK accepts."""
_LIMITS = {
    "/login": _Limit(1 << 14, "A request may have 16 KiB at most"),
    "/page/export": _Limit(LARGEST_BODY, TOO_MANY_QUOTES),
}
"""By path. A password takes 12,000 bytes: 1,000 characters of 4 bytes, encoded in a form."""
_UPLOADS = frozenset({("PUT", "/page/files"), ("POST", "/api/documents")})
"""Requests that write their body to disk, and limit it as they do."""


class BodyLimit:
    """Refuses bodies that are too large, with status 413, as soon as the application reads them."""

    def __init__(self, app: ASGIApp) -> None:
        """Limit the bodies that `app` receives."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a limited body."""
        if scope["type"] == "http":
            path = path_within(scope)
            if (scope["method"], path) not in _UPLOADS:
                receive = _limited(receive, _LIMITS.get(path, _GENERAL))
        await self._app(scope, receive, send)


def _limited(receive: Receive, limit: _Limit) -> Receive:
    """Return a `receive` that raises HTTPException, which the application answers."""
    size = 0

    async def receive_limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit.size:
            raise HTTPException(413, limit.refusal)
        return message

    return receive_limited
