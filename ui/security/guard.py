"""What every request must pass: host and origin, Gradio's own routes closed, strict headers.

Gradio draws the page and nothing more; what the page asks goes to routes of our own. So all that
Gradio would answer besides its page and its scripts is closed here, whatever it is.
"""

import base64
import binascii
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.problems import problem
from ui.security.api_keys import Access, KeyFileError, Keys
from ui.security.hosts import is_for, plain_host
from ui.security.lockout import LockedError
from ui.security.login import COOKIE
from ui.security.password_checker import CrowdedError, WrongPasswordError
from ui.security.sessions import Sessions
from ui.serving.gradio_mounts import path_within

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

# Gradio renders its components by evaluating templates, so 'unsafe-eval' cannot be left out;
# nothing may come from, or go to, any other machine.
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
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",  # without any, a form's own Origin would be "null"
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_OPEN = frozenset({"/healthz", "/readyz", "/login", "/favicon.ico"})
"""What is answered before a person has logged in."""
_OURS = frozenset({"/", "/metrics", "/logout", "/theme.css"}) | _OPEN
_OURS_BELOW = ("/page/", "/assets/", "/static/", "/svelte/")
_READING = frozenset({"GET", "HEAD"})
_GRADIO_CLIENTS = frozenset(
    f"/gradio/{route}"
    for route in ("config", "gradio_api/info", "gradio_api/queue/join", "gradio_api/queue/data")
)
_FILES = frozenset({("PUT", "/page/files"), ("POST", "/api/documents")})
"""What takes files, and bounds them itself, as it writes them; all else is kept in memory."""
_LARGEST_BODY = 4 << 20
"""Bytes, as many as MCP's own SDK takes; five hundred questions to export have a tenth."""
_LARGEST_FORM = 1 << 14
"""Bytes of a password as a form sends it, from anyone: 1,000 characters of 4 bytes, encoded."""
_HEARTBEAT = "/gradio/gradio_api/heartbeat/"
_ELSEWHERE = "This page is for this machine only."
_KEY_WANTED = (
    "Send an API key as `Authorization: Bearer KEY`. The owner of the library makes one with: "
    "quoth keys add NAME"
)


class Guard:
    """Refuse what another site made a browser send, what is not ours to answer, and strangers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str] = LOCAL_HOSTS,
        door: Sessions | None = None,
        keys: Keys | None = None,
        needs_key: bool = False,
        root_path: str = "",
    ) -> None:
        """Guard `app`, reached under `hosts`; with a `door`, for those it let in only.

        With `needs_key`, programs must send one of `keys`, unless by a browser that is let in.
        `root_path` is what a proxy puts before every path, whether it takes it off or not.
        """
        self._app = app
        self._keys = keys
        self._needs_key = needs_key
        self._root = root_path
        self._hosts = frozenset(map(plain_host, hosts))
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a refusal."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # we have no websocket
            await send({"type": "websocket.close", "code": 1008})
            return

        scope, answer = self._rooted(scope)
        if answer is not None:
            await answer(scope, receive, send)
            return
        # Gradio would build its addresses from it, whoever sent it.
        scope["headers"] = [one for one in scope["headers"] if one[0] != b"x-forwarded-host"]
        path = path_within(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                if path.startswith("/page/") or _is_for_programs(path):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if _is_for_programs(path):
            refusal = self._foreign(scope) or self._keyless(scope)
        else:
            refusal = self._refusal(scope) or await self._stranger(scope)
        if (scope["method"], path) not in _FILES:
            receive = _bounded(receive, _LARGEST_FORM if path == "/login" else _LARGEST_BODY)
        await (refusal or self._app)(scope, receive, send_guarded)

    def _rooted(self, scope: Scope) -> tuple[Scope, Response | None]:
        """Return a request under the path of a proxy, and what answers it at once, if anything."""
        asked: str = scope["path"]
        if not asked.startswith("/"):  # a whole URL, which names a host besides `Host`
            return scope, PlainTextResponse("Ask for a path.", status_code=400)
        if not self._root:
            return scope, None
        if asked == self._root:  # what stands on the page is relative to the slash
            path = f"{self._root}/"
            return {**scope, "root_path": self._root, "path": path}, RedirectResponse(path, 307)
        whole = asked if asked.startswith(f"{self._root}/") else self._root + asked
        return {**scope, "root_path": self._root, "path": whole}, None

    def _is_foreign(self, scope: Scope) -> bool:
        """Tell whether a request is for another host, or was made by another site's page."""
        headers = Headers(scope=scope)
        if not is_for(headers, self._hosts):
            return True
        return headers.get("sec-fetch-site") == "cross-site" and scope["method"] not in _READING

    def _foreign(self, scope: Scope) -> Response | None:
        return problem(403, _ELSEWHERE) if self._is_foreign(scope) else None

    def _keyless(self, scope: Scope) -> Response | None:
        """Note in `request.state.access` what a program may do, or refuse it.

        A key that is sent counts even where none is needed.
        """
        headers = Headers(scope=scope)
        kind, _, told = headers.get("authorization", "").partition(" ")
        access: Access | None = None
        if kind.lower() == "bearer":
            try:
                access = self._keys.access_of(told.strip()) if self._keys else None
            except KeyFileError as error:
                return problem(500, str(error))
        elif not self._needs_key or (self._door and self._door.is_open(_session(headers))):
            access = "write"
        if access is None:
            return problem(401, _KEY_WANTED)
        scope.setdefault("state", {})["access"] = access
        return None

    def _refusal(self, scope: Scope) -> Response | None:
        path = path_within(scope)
        if self._is_foreign(scope):
            return PlainTextResponse(_ELSEWHERE, status_code=403)
        if path not in _OURS and not path.startswith(_OURS_BELOW):
            return PlainTextResponse("There is nothing here.", status_code=404)
        return None

    async def _stranger(self, scope: Scope) -> Response | None:
        """Return what a person gets who has not logged in, where that is needed."""
        path = path_within(scope)
        if self._door is None or path in _OPEN:
            return None
        headers = Headers(scope=scope)
        if self._door.is_open(_session(headers)):
            return None
        if path == "/metrics" and headers.get("authorization"):
            return await self._doubt(scope, headers)
        if path == "/":
            return RedirectResponse(f"{scope.get('root_path', '')}/login", 303)
        return PlainTextResponse("Log in first.", status_code=401)

    async def _doubt(self, scope: Scope, headers: Headers) -> Response | None:
        """Return what a program gets unless it gives the password by HTTP Basic, as Prometheus."""
        client = (scope.get("client") or ("",))[0]
        try:
            if self._door is not None:
                await self._door.passwords.check(client, _basic_password(headers))
        except (WrongPasswordError, binascii.Error, UnicodeDecodeError):
            return PlainTextResponse("Log in first.", status_code=401)
        except (LockedError, CrowdedError) as error:
            status = 429 if isinstance(error, LockedError) else 503
            return PlainTextResponse(str(error), status, {"Retry-After": str(error.seconds)})
        return None


def _basic_password(headers: Headers) -> str:
    """Return the password of HTTP Basic. Raises WrongPasswordError, or as decoding does."""
    kind, _, given = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        raise WrongPasswordError("No password is given.")
    return base64.b64decode(given, validate=True).decode().partition(":")[2]


def _bounded(receive: Receive, most: int) -> Receive:
    """Return what raises HTTPException, which the application tells, when a body is too large."""
    size = 0

    async def receive_bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            shown = f"{most >> 20} MiB" if most >> 20 else f"{most >> 10} KiB"
            raise HTTPException(413, f"A request may have {shown} at most")
        return message

    return receive_bounded


def _is_for_programs(path: str) -> bool:
    """Tell whether a path is one of REST, MCP or gradio_client."""
    return (
        path == "/mcp"
        or path.startswith("/api/")
        or path in _GRADIO_CLIENTS
        or path.startswith(_HEARTBEAT)
    )


def _session(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
