"""The HTTP server: the page mounted in a FastAPI app, on this machine only."""

import logging
import socket
import threading
from collections.abc import Callable, Sequence

import gradio as gr
import uvicorn
from fastapi import FastAPI

from rag.errors import QuothError
from rag.library import Library
from ui.page import chat_page, head
from ui.security import LocalOnly

_log = logging.getLogger("quoth")

_SHUTDOWN_SECONDS = 3


def create_app(library: Library, examples: Sequence[str]) -> FastAPI:
    """Return the application: the page at `/`, and `/healthz` for whoever watches it."""
    app = FastAPI(title="Quoth", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(LocalOnly)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    page = chat_page(library, examples)
    page.queue(default_concurrency_limit=4, max_size=64, api_open=False)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size="1mb",
        ssr_mode=False,
        mcp_server=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        head=head(),
    )
    return mounted


def serve(
    library: Library,
    examples: Sequence[str],
    bound: socket.socket,
    ready: Callable[[str], None],
) -> None:
    """Serve the page until interrupted, then let running questions finish.

    `ready` is given the page's address once it can be opened; the model warms meanwhile.
    """
    app = create_app(library, examples)
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=_SHUTDOWN_SECONDS, access_log=False
    )
    threading.Thread(target=_warm_up, args=(library,), daemon=True).start()
    host, port = bound.getsockname()
    ready(f"http://{host}:{port}")
    uvicorn.Server(config).run(sockets=[bound])


def _warm_up(library: Library) -> None:
    try:
        library.warm_up()
    except QuothError as error:
        _log.warning("%s", error)  # the first question will meet it too, and say so on the page
