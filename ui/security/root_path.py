"""Paths and addresses behind a proxy, which may serve the page below a path of its own."""

from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class RootPath:
    """Puts every request under the path that a proxy serves, whether it strips that path or not.

    It also removes `X-Forwarded-Host`, from which Gradio would build addresses whoever sent it,
    and refuses a whole URL in place of a path, since it names a second host.
    """

    def __init__(self, app: ASGIApp, *, root_path: str = "") -> None:
        """Pass requests to `app` under `root_path`, which is empty without a proxy."""
        self._app = app
        self._root = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, redirected from the root path to its slash."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if not path.startswith("/"):
            await PlainTextResponse("Ask for a path.", 400)(scope, receive, send)
            return
        if self._root and path == self._root:  # addresses on the page are relative to the slash
            await RedirectResponse(f"{path}/", 307)(scope, receive, send)
            return
        if self._root:
            whole = path if path.startswith(f"{self._root}/") else self._root + path
            scope = {**scope, "root_path": self._root, "path": whole}
        scope["headers"] = [header for header in scope["headers"] if header[0] != _FORWARDED_HOST]
        await self._app(scope, receive, send)


_FORWARDED_HOST = b"x-forwarded-host"
