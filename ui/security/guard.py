"""Who may send a request, and to which paths.

Gradio draws the page's frame and nothing more; the page calls routes of our own. So every path of
Gradio's except the page and its scripts is closed, including those of later versions.
"""

import base64
import binascii
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.api.problems import problem
from ui.security.api_keys import Access, KeyFileError, Keys
from ui.security.hosts import is_for, plain_host
from ui.security.lockout import LockedError
from ui.security.login import COOKIE
from ui.security.password_checker import CrowdedError, WrongPasswordError
from ui.security.sessions import Sessions
from ui.serving.gradio_mounts import path_within
from ui.serving.programs import is_for_programs

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

_OPEN = frozenset({"/healthz", "/readyz", "/login", "/favicon.ico"})
"""Paths that need no log-in."""
_PATHS = frozenset({"/", "/metrics", "/logout", "/theme.css"}) | _OPEN
_FOLDERS = ("/page/", "/assets/", "/static/", "/svelte/")
_READING = frozenset({"GET", "HEAD"})
_FOREIGN = "This page is for this machine only."
_NO_KEY = (
    "Send an API key as `Authorization: Bearer KEY`. The owner of the library makes one with: "
    "quoth keys add NAME"
)


class Guard:
    """Refuses requests of other sites, to closed paths, and without a log-in or key."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str] = LOCAL_HOSTS,
        sessions: Sessions | None = None,
        keys: Keys | None = None,
        needs_key: bool = False,
    ) -> None:
        """Guard `app`, which is reached under the names in `hosts`.

        With `sessions`, a person must log in. With `needs_key`, programs must send one of `keys`,
        except from a browser that is logged in.
        """
        self._app = app
        self._hosts = frozenset(map(plain_host, hosts))
        self._sessions = sessions
        self._keys = keys
        self._needs_key = needs_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a refusal."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":  # no route is a websocket
            await send({"type": "websocket.close", "code": 1008})
        else:
            await (await self._refusal(scope) or self._app)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        path, headers = path_within(scope), Headers(scope=scope)
        if is_for_programs(path):
            if self._is_foreign(scope, headers):
                return problem(403, _FOREIGN)
            return self._key_refusal(scope, headers)
        if self._is_foreign(scope, headers):
            return PlainTextResponse(_FOREIGN, 403)
        if path not in _PATHS and not path.startswith(_FOLDERS):
            return PlainTextResponse("There is nothing here.", 404)
        return await self._login_refusal(scope, headers)

    def _is_foreign(self, scope: Scope, headers: Headers) -> bool:
        """Return whether a request is for another host, or from another site's page."""
        if not is_for(headers, self._hosts):
            return True
        return headers.get("sec-fetch-site") == "cross-site" and scope["method"] not in _READING

    def _key_refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Store in `request.state.access` what a program may do, or refuse it.

        A key that is sent counts even where none is needed.
        """
        scheme, _, key = headers.get("authorization", "").partition(" ")
        access: Access | None = None
        if scheme.lower() == "bearer":
            try:
                access = self._keys.access_of(key.strip()) if self._keys else None
            except KeyFileError as error:
                return problem(500, str(error))
        elif not self._needs_key or self._is_logged_in(headers):
            access = "write"
        if access is None:
            return problem(401, _NO_KEY)
        scope.setdefault("state", {})["access"] = access
        return None

    def _is_logged_in(self, headers: Headers) -> bool:
        return self._sessions is not None and self._sessions.is_open(_session(headers))

    async def _login_refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the refusal of a person who has not logged in, where that is needed."""
        path = path_within(scope)
        if self._sessions is None or path in _OPEN or self._is_logged_in(headers):
            return None
        if path == "/metrics" and headers.get("authorization"):
            return await _basic_refusal(scope, headers, self._sessions)
        if path == "/":
            return RedirectResponse(f"{scope.get('root_path', '')}/login", 303)
        return PlainTextResponse("Log in first.", 401)


async def _basic_refusal(scope: Scope, headers: Headers, sessions: Sessions) -> Response | None:
    """Return the refusal of a wrong password by HTTP Basic, which Prometheus sends."""
    client = (scope.get("client") or ("",))[0]
    try:
        await sessions.passwords.check(client, _basic_password(headers))
    except (WrongPasswordError, binascii.Error, UnicodeDecodeError):
        return PlainTextResponse("Log in first.", 401)
    except (LockedError, CrowdedError) as error:
        status = 429 if isinstance(error, LockedError) else 503
        return PlainTextResponse(str(error), status, {"Retry-After": str(error.seconds)})
    return None


def _basic_password(headers: Headers) -> str:
    """Return the password of HTTP Basic.

    Raises WrongPasswordError for another scheme, binascii.Error, UnicodeDecodeError.
    """
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise WrongPasswordError("No password is given.")
    return base64.b64decode(credentials, validate=True).decode().partition(":")[2]


def _session(headers: Headers) -> str:
    """Return the token of the session cookie; empty without one."""
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""
