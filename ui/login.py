"""The log-in page, for a server that others can reach."""

from html import escape
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from ui.metrics import Metrics
from ui.page_routes import InWords
from ui.passwords import SESSION_SECONDS, Door
from ui.wording import Wording

COOKIE = "quoth_session"


def login_routes(door: Door, metrics: Metrics) -> APIRouter:
    """Return the routes by which a person comes in and leaves."""
    routes = APIRouter()

    @routes.get("/login")
    def form(words: InWords) -> Response:
        """Ask for the password."""
        return HTMLResponse(_page(words, ""))

    @routes.post("/login")
    async def enter(
        request: Request, words: InWords, password: Annotated[str, Form(max_length=1_000)] = ""
    ) -> Response:
        """Let a person in who knows the password."""
        client = request.client.host if request.client else ""
        token = await run_in_threadpool(door.enter, client, password)
        if token is None:
            locked = door.is_locked(client)
            metrics.login("locked" if locked else "failed")
            message = words.say("locked" if locked else "wrong_password")
            return HTMLResponse(_page(words, message), 429 if locked else 401)
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


def _page(words: Wording, message: str) -> str:
    style = (files("ui") / "assets" / "base.css").read_text(encoding="utf-8")
    alert = f'<p role="alert">{escape(message)}</p>' if message else ""
    return (
        f'<!doctype html><html lang="{words.language}" dir="{words.direction}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Quoth</title><style>{style}</style></head>"
        '<body class="login"><main><h1>Quoth</h1><form method="post">'
        f'<label>{words.html("password")}<input type="password" name="password" required autofocus '
        f'autocomplete="current-password"></label>{alert}'
        f"<button>{words.html('log_in')}</button></form></main></body></html>"
    )
