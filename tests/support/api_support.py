"""Servers in this process: for tests of what programs ask, and of the page."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests_support import PATIENCE, write_files

from rag import Library
from ui.app_state import AppState
from ui.security.api_keys import Keys
from ui.server import Serving, create_app
from ui.serving.sockets import listen
from ui.serving.uvicorn_server import WebServer

TEXTS = {
    "fruit/apples.txt": "Apples are red.\n\nPears are green.\n\nPlums are blue.\n",
    "fruit/nuts.txt": "Walnuts grow on trees.\n\nPeanuts grow in the ground.\n",
    "sea.md": "# Fish\n\nHerrings swim in the sea.\n",
}


@contextmanager
def application(
    folder: Path, *, with_gradio: bool = True, **serving: Any
) -> Iterator[tuple[TestClient, AppState]]:
    """Serve a small library that embeds by hashing; give a client and the state behind.

    Without the two applications of Gradio, which most of the time goes into, only the page itself
    and `/gradio` are missing.
    """
    with Library.open(folder / "library", model="hashing") as library:
        library.add(write_files(folder / "texts", TEXTS))
        state = AppState(library)
        made = _made if with_gradio else _made_without_gradio
        app = anyio.run(made, state, Serving(keys=Keys(folder / "keys"), **serving))
        with TestClient(app, base_url="http://127.0.0.1") as client:
            yield client, state


@contextmanager
def serving_here(folder: Path, *paths: Path, **how: Any) -> Iterator[str]:
    """Serve a library that embeds by hashing, with `paths` added, from threads of this process.

    Another process, as of `serving`, first loads for seconds what this one has loaded.
    """
    tracebacks = _Tracebacks()
    with (
        Library.open(folder, model="hashing") as library,
        closing(AppState(library)) as state,
        closing(listen(0)) as bound,
        ThreadPoolExecutor(1) as apart,  # the browser's own loop runs in this thread
    ):
        if paths:
            library.add(paths)
        state.resume()
        app = apart.submit(asyncio.run, _made(state, Serving(**how))).result(PATIENCE)
        server = WebServer(app)
        loggers = logging.getLogger(), logging.getLogger("uvicorn.error")
        for logger in loggers:
            logger.addHandler(tracebacks)
        running = apart.submit(server.run, sockets=[bound])
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}{how.get('root_path', '')}"
        finally:
            server.should_exit = True
            running.result(PATIENCE)
            for logger in loggers:
                logger.removeHandler(tracebacks)
    assert tracebacks.seen == []


async def _made(state: AppState, serving: Serving) -> FastAPI:
    """Make the application in a loop: outside of any, Gradio opens one and never closes it."""
    return create_app(state, serving)


async def _made_without_gradio(state: AppState, serving: Serving) -> FastAPI:
    nothing = dict.fromkeys(("mount", "gradio_endpoints", "chat_page"), lambda *given: None)
    with patch.multiple("ui.server", **nothing):
        return create_app(state, serving)


class _Tracebacks(logging.Handler):
    """Keeps what is logged with a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.seen.append(f"{record.getMessage()}: {record.exc_info[1]!r}")
