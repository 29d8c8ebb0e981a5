"""The HTTP server: the page mounted in a FastAPI app, with what a watcher asks for beside it."""

import contextlib
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from fastapi import APIRouter, FastAPI, Request, Response
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.routing import Route

from rag.errors import QuothError
from ui.api.gradio_endpoints import gradio_endpoints
from ui.api.mcp_server import mcp_over_http
from ui.api.problems import answer_with_problems, problem
from ui.api.rest import rest_app
from ui.app_state import AppState
from ui.dependencies import provide
from ui.disconnects import UntilDisconnect
from ui.page import ask_routes, document_routes, export_routes, library_routes
from ui.page.gradio_page import chat_page
from ui.page.head import Heading
from ui.security.api_keys import Keys
from ui.security.guard import LOCAL_HOSTS, Guard
from ui.security.login import login_routes
from ui.security.sessions import Sessions
from ui.service import Service
from ui.serving.gradio_mounts import CLIENTS, PAGE, mount
from ui.serving.metrics import Metrics
from ui.serving.uvicorn_server import WebServer

_log = logging.getLogger("quoth.page")
_BUT_POST = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Serving:
    """How the page is served."""

    hosts: frozenset[str] = field(default=LOCAL_HOSTS)
    """Names under which a browser may ask for it."""
    password: str | None = None
    """The kept hash of the password that is asked for, if one is."""
    keys: Keys | None = None
    """The keys that programs may send."""
    needs_key: bool = False
    """Whether programs must send one."""
    root_path: str = ""
    """What a proxy puts before every path."""
    log_questions: bool = False


def create_app(state: AppState, serving: Serving | None = None) -> FastAPI:
    """Return the application: the page at `/`, its routes, health, readiness and figures."""
    serving = serving or Serving()
    metrics = Metrics(state)
    door = Sessions(serving.password) if serving.password else None
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

    app = FastAPI(title="Quoth", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    provide(app, service)
    answer_with_problems(app)
    app.add_middleware(Heading)
    app.add_middleware(
        Guard,
        hosts=serving.hosts,
        door=door,
        keys=serving.keys,
        needs_key=serving.needs_key,
        root_path=serving.root_path,
    )
    app.include_router(_watching(state, metrics))
    for routes in (
        ask_routes.routes,
        document_routes.routes,
        export_routes.routes,
        library_routes.routes,
        library_routes.uploads,
    ):
        app.include_router(routes)
    if door is not None:
        app.include_router(login_routes(door, metrics))
    app.mount("/api", rest_app(service))
    posted = Route("/mcp", endpoint=UntilDisconnect(StreamableHTTPASGIApp(mcp)), methods=["POST"])
    app.router.routes.extend((posted, Route("/mcp", _nothing_to_listen_to, methods=_BUT_POST)))
    mount(app, gradio_endpoints(service), "/gradio", CLIENTS, serving.root_path)
    mount(app, chat_page(), "/", PAGE, serving.root_path)
    return app


async def _nothing_to_listen_to(request: Request) -> Response:
    response = problem(405, "Send MCP's requests by POST. Nothing is sent unasked, or kept.")
    response.headers["allow"] = "POST"
    return response


def _watching(state: AppState, metrics: Metrics) -> APIRouter:
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Tell that the server runs."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz() -> Response:
        """Tell whether questions are answered at once: the model is loaded, nothing is closing."""
        if state.is_ready:
            return Response('{"status": "ready"}', media_type="application/json")
        return Response('{"status": "not ready"}', 503, media_type="application/json")

    @routes.get("/metrics")
    def figures() -> Response:
        """Return the figures."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes


def serve(
    state: AppState,
    bound: socket.socket,
    ready: Callable[[str], None],
    serving: Serving | None = None,
) -> None:
    """Serve the page until a signal says to stop, then let running questions finish; return.

    `ready` is given the page's address once it can be opened; the model warms meanwhile. The state
    is closed whatever happens, and its library may be closed after.
    """
    serving = serving or Serving()
    try:
        state.resume()
        app = create_app(state, serving)
        server = WebServer(app)
        host, port = bound.getsockname()[:2]
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
        ready(f"http://{shown}:{port}{serving.root_path}")
        server.run(sockets=[bound])
    finally:
        state.close()


def _warm_up(state: AppState) -> None:
    try:
        state.warm_up()
    except QuothError as error:
        _log.warning("%s", error)  # the first question will meet it too, and say so on the page
