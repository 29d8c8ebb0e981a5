"""Security headers of every response."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.serving.gradio_mounts import path_within
from ui.serving.programs import is_for_programs

# Gradio renders its components by evaluating templates, hence 'unsafe-eval'. Nothing may come from
# another machine, or go to one.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_ORIGINAL = "/page/original"
_POLICY_OF_ORIGINALS = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""Of files from the library, which may hold anything: nothing in them runs in the page's name."""
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",  # without one, the Origin of the page's forms is "null"
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class SecurityHeaders:
    """Adds the security headers, and keeps answers out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        """Add headers to the responses of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; add headers to its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = path_within(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                if path == _ORIGINAL:
                    headers["Content-Security-Policy"] = _POLICY_OF_ORIGINALS
                if path.startswith("/page/") or is_for_programs(path):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
