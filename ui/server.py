"""The HTTP server: the page mounted in a FastAPI app, with what a watcher asks for beside it."""

import contextlib
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import gradio as gr
import uvicorn
from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST

from rag.errors import QuothError
from ui.asking import Asking
from ui.desk import Desk
from ui.intake import intake_routes
from ui.login import login_routes
from ui.metrics import Metrics
from ui.page import chat_page, head
from ui.passwords import Door
from ui.routes import page_routes
from ui.security import LOCAL_HOSTS, Guard

_log = logging.getLogger("quoth.page")

_SHUTDOWN_SECONDS = 15
"""How long running questions may take to finish; none takes a second."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How the page is served."""

    hosts: frozenset[str] = field(default=LOCAL_HOSTS)
    """Names under which a browser may ask for it."""
    password: str | None = None
    """The kept hash of the password that is asked for, if one is."""
    root_path: str = ""
    """What a proxy puts before every path."""
    log_questions: bool = False


def create_app(desk: Desk, serving: Serving | None = None) -> FastAPI:
    """Return the application: the page at `/`, its routes, health, readiness and figures."""
    serving = serving or Serving()
    metrics = Metrics(desk)
    door = Door(serving.password) if serving.password else None

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=_warm_up, args=(desk,), daemon=True).start()
        _log.info("started")
        yield
        desk.close()
        _log.info("stopped")

    app = FastAPI(title="Quoth", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_middleware(Guard, hosts=serving.hosts, door=door, root_path=serving.root_path)
    app.include_router(_watching(desk, metrics))
    asking = Asking(desk.doorway, metrics, log_questions=serving.log_questions)
    app.include_router(page_routes(desk, asking))
    app.include_router(intake_routes(desk, metrics))
    if door is not None:
        app.include_router(login_routes(door, metrics))
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        chat_page(),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=1,  # nothing is uploaded to Gradio; its routes for it are closed besides
        ssr_mode=False,
        mcp_server=False,
        root_path=serving.root_path or None,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        head=head(),
    )
    return mounted


def _watching(desk: Desk, metrics: Metrics) -> APIRouter:
    routes = APIRouter()

    @routes.get("/healthz")
    def healthz() -> dict[str, str]:
        """Tell that the server runs."""
        return {"status": "ok"}

    @routes.get("/readyz")
    def readyz() -> Response:
        """Tell whether questions are answered at once: the model is loaded, nothing is closing."""
        if desk.is_ready:
            return Response('{"status": "ready"}', media_type="application/json")
        return Response('{"status": "not ready"}', 503, media_type="application/json")

    @routes.get("/metrics")
    def figures() -> Response:
        """Return the figures."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes


def serve(
    desk: Desk, bound: socket.socket, ready: Callable[[str], None], serving: Serving | None = None
) -> None:
    """Serve the page until interrupted, then let running questions finish.

    `ready` is given the page's address once it can be opened; the model warms meanwhile.
    """
    serving = serving or Serving()
    desk.tidy()
    app = create_app(desk, serving)
    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        access_log=False,
    )
    host, port = bound.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    ready(f"http://{shown}:{port}{serving.root_path}")
    uvicorn.Server(config).run(sockets=[bound])


def _warm_up(desk: Desk) -> None:
    try:
        desk.warm_up()
    except QuothError as error:
        _log.warning("%s", error)  # the first question will meet it too, and say so on the page
