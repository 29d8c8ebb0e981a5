"""The log-in page, and the routes to log in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from rag.text.html_escaping import Html
from ui.html.translations import Wording
from ui.page.head import style
from ui.page.route_support import InWords
from ui.security.lockout import LockedError
from ui.security.password_checker import CrowdedError, WrongPasswordError
from ui.security.passwords import LONGEST
from ui.security.sessions import SESSION_SECONDS, Sessions
from ui.serving.metrics import Metrics

COOKIE = "quoth_session"


def login_routes(sessions: Sessions, metrics: Metrics) -> APIRouter:
    """Return the routes to log in and out."""
    routes = APIRouter()

    @routes.get("/login")
    def login_page(words: InWords) -> Response:
        """Ask for the password."""
        return HTMLResponse(_page(words, ""))

    @routes.post("/login")
    async def log_in(
        request: Request, words: InWords, password: Annotated[str, Form(max_length=LONGEST)] = ""
    ) -> Response:
        """Open a session for the right password."""
        client = request.client.host if request.client else ""
        try:
            token = await sessions.log_in(client, password)
        except WrongPasswordError:
            metrics.login("failed")
            return HTMLResponse(_page(words, words.say("wrong_password")), 401)
        except LockedError as error:
            metrics.login("locked")
            return _refuse(words, "locked", 429, error.seconds)
        except CrowdedError as error:
            metrics.login("crowded")
            return _refuse(words, "crowded", 503, error.seconds)
        metrics.login("entered")
        response = RedirectResponse(f"{request.scope.get('root_path', '')}/", 303)
        response.set_cookie(
            COOKIE,
            token,
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        """End the session."""
        sessions.log_out(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(f"{request.scope.get('root_path', '')}/login", 303)
        response.delete_cookie(COOKIE)
        return response

    return routes


def _refuse(words: Wording, key: str, status: int, seconds: int) -> Response:
    page = _page(words, words.say(key))
    return HTMLResponse(page, status, {"Retry-After": str(seconds)})


def _page(words: Wording, message: str) -> Html:
    return Html(
        '<!doctype html><html lang="{language}" dir="{direction}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>Quoth</title>{style}</head><body class="login"><main><h1>Quoth</h1>'
        '<form method="post"><label>{password}<input type="password" name="password" required '
        'autofocus autocomplete="current-password"></label>{alert}'
        "<button>{log_in}</button></form></main></body></html>"
    ).format(
        language=words.language,
        direction=words.direction,
        style=style("base"),
        password=words.say("password"),
        alert=Html('<p role="alert">{}</p>').format(message) if message else "",
        log_in=words.say("log_in"),
    )
