"""The HTTP server: the page, REST, MCP and gradio_client in one application."""

import contextlib
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI, Request, Response
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.middleware import Middleware
from starlette.routing import Route

from rag.errors import QuothError
from ui.api.gradio_endpoints import gradio_endpoints
from ui.api.mcp_server import mcp_over_http
from ui.api.problems import answer_with_problems, problem
from ui.api.rest import rest_app
from ui.app_state import AppState
from ui.dependencies import InService, provide
from ui.disconnects import UntilDisconnect
from ui.page import ask_routes, document_routes, export_routes, library_routes, list_routes
from ui.page.casework import case_routes, conversation_routes
from ui.page.gradio_page import chat_page
from ui.page.head import Heading
from ui.security.api_keys import Keys
from ui.security.body_limit import BodyLimit
from ui.security.guard import LOCAL_HOSTS, Guard
from ui.security.login import login_routes
from ui.security.password_checker import PasswordChecker
from ui.security.root_path import RootPath
from ui.security.security_headers import SecurityHeaders
from ui.security.sessions import Sessions
from ui.service import Service
from ui.serving.gradio_mounts import CLIENTS, PAGE, mount
from ui.serving.metrics import Metrics
from ui.serving.uvicorn_server import WebServer

_log = logging.getLogger("quoth.page")
_BUT_POST = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")

monitoring = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How the page is served."""

    hosts: frozenset[str] = LOCAL_HOSTS
    """Names under which the page is reached."""
    password: str | None = None
    """The hash of the password that people log in with, if one is needed."""
    keys: Keys | None = None
    """The keys that programs may send."""
    needs_key: bool = False
    """Whether programs must send a key."""
    root_path: str = ""
    """The path that a proxy serves the page under."""
    log_questions: bool = False


def create_app(state: AppState, serving: Serving | None = None) -> FastAPI:
    """Return the application: the page at `/`, its routes, the APIs, health and metrics."""
    serving = serving or Serving()
    metrics = Metrics(state)
    sessions = Sessions(PasswordChecker(serving.password)) if serving.password else None
    service = Service(state, metrics, log_questions=serving.log_questions)
    mcp = mcp_over_http(service)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=_warm_up, args=(state,), daemon=True).start()
        _log.info("started")
        async with mcp.run():
            yield
        state.close()
        _log.info("stopped")

    app = FastAPI(
        title="Quoth",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        middleware=_middleware(serving, sessions),
    )
    provide(app, service)
    answer_with_problems(app)
    for routes in (
        monitoring,
        ask_routes.routes,
        document_routes.routes,
        export_routes.routes,
        export_routes.reports,
        library_routes.routes,
        list_routes.routes,
        library_routes.uploads,
        case_routes.routes,
        conversation_routes.routes,
    ):
        app.include_router(routes)
    if sessions is not None:
        app.include_router(login_routes(sessions, metrics))
    app.mount("/api", rest_app(service))
    mcp_app = UntilDisconnect(StreamableHTTPASGIApp(mcp))
    app.router.routes.append(Route("/mcp", endpoint=mcp_app, methods=["POST"]))
    app.router.routes.append(Route("/mcp", _only_post, methods=_BUT_POST))
    mount(app, gradio_endpoints(service), "/gradio", CLIENTS, serving.root_path)
    mount(app, chat_page(), "/", PAGE, serving.root_path)
    return app


def _middleware(serving: Serving, sessions: Sessions | None) -> list[Middleware]:
    """Return the middleware, outermost first: a request passes it in this order."""
    return [
        Middleware(RootPath, root_path=serving.root_path),  # all below see whole paths
        Middleware(SecurityHeaders),  # on refusals of the guard too
        Middleware(BodyLimit),
        Middleware(
            Guard,
            hosts=serving.hosts,
            sessions=sessions,
            keys=serving.keys,
            needs_key=serving.needs_key,
        ),
        Middleware(Heading),  # of the page, once it is let through
    ]


async def _only_post(request: Request) -> Response:
    response = problem(405, "Send MCP requests by POST. The server keeps no session or stream.")
    response.headers["allow"] = "POST"
    return response


@monitoring.get("/healthz")
async def healthz() -> dict[str, str]:
    """Report that the server is running."""
    return {"status": "ok"}


@monitoring.get("/readyz")
async def readyz(service: InService) -> Response:
    """Report whether questions are answered at once: the model is loaded, nothing is closing."""
    if service.state.is_ready:
        return Response('{"status": "ready"}', media_type="application/json")
    return Response('{"status": "not ready"}', 503, media_type="application/json")


@monitoring.get("/metrics")
def figures(service: InService) -> Response:
    """Return the metrics, in Prometheus's format."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def serve(
    state: AppState,
    bound: socket.socket,
    ready: Callable[[str], None],
    serving: Serving | None = None,
) -> None:
    """Serve the page on a bound socket until a signal, then finish running questions and return.

    `ready` is called with the page's address once it can be opened, while the model still loads.
    The state is closed whatever happens; its library may be closed afterwards.
    """
    serving = serving or Serving()
    try:
        state.resume()
        app = create_app(state, serving)
        server = WebServer(app)
        host, port = bound.getsockname()[:2]
        name = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
        ready(f"http://{name}:{port}{serving.root_path}")
        server.run(sockets=[bound])
    finally:
        state.close()


def _warm_up(state: AppState) -> None:
    try:
        state.warm_up()
    except QuothError as error:
        _log.warning("%s", error)  # the first question meets it too, and the page shows it
        return
    try:
        state.calibrate()
    except QuothError as error:  # the library is read-only, say, or was closed meanwhile
        _log.info("the judgements were not used: %s", error)
