"""The log-in page, for a server that others can reach."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from rag.text.html_escaping import Html
from ui.html.translations import Wording
from ui.page.head import style
from ui.page.route_support import InWords
from ui.security.lockout import LockedError
from ui.security.passwords import LONGEST
from ui.security.sessions import SESSION_SECONDS, CrowdedError, Sessions, WrongPasswordError
from ui.serving.metrics import Metrics

COOKIE = "quoth_session"


def login_routes(door: Sessions, metrics: Metrics) -> APIRouter:
    """Return the routes by which a person comes in and leaves."""
    routes = APIRouter()

    @routes.get("/login")
    def form(words: InWords) -> Response:
        """Ask for the password."""
        return HTMLResponse(_page(words, ""))

    @routes.post("/login")
    async def enter(
        request: Request, words: InWords, password: Annotated[str, Form(max_length=LONGEST)] = ""
    ) -> Response:
        """Let a person in who knows the password."""
        client = request.client.host if request.client else ""
        try:
            token = await door.enter(client, password)
        except WrongPasswordError:
            metrics.login("failed")
            return HTMLResponse(_page(words, words.say("wrong_password")), 401)
        except LockedError as error:
            metrics.login("locked")
            return _later(_page(words, words.say("locked")), 429, error.seconds)
        except CrowdedError as error:
            metrics.login("crowded")
            return _later(_page(words, words.say("crowded")), 503, error.seconds)
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
    def leave(request: Request) -> Response:
        """End the session."""
        door.leave(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(f"{request.scope.get('root_path', '')}/login", 303)
        response.delete_cookie(COOKIE)
        return response

    return routes


def _later(page: Html, status: int, seconds: int) -> Response:
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
