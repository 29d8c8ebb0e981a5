"""A server in this process, for tests of what programs ask of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests_support import write_files

from rag import Library
from ui.app_state import AppState
from ui.security.api_keys import Keys
from ui.server import Serving, create_app

TEXTS = {
    "fruit/apples.txt": "Apples are red.\n\nPears are green.\n\nPlums are blue.\n",
    "fruit/nuts.txt": "Walnuts grow on trees.\n\nPeanuts grow in the ground.\n",
    "sea.md": "# Fish\n\nHerrings swim in the sea.\n",
}


@contextmanager
def application(folder: Path, **serving: Any) -> Iterator[tuple[TestClient, AppState]]:
    """Serve a small library that embeds by hashing; give a client and the state behind."""
    with Library.open(folder / "library", model="hashing") as library:
        library.add(write_files(folder / "texts", TEXTS))
        state = AppState(library)
        app = anyio.run(_made, state, Serving(keys=Keys(folder / "keys"), **serving))
        with TestClient(app, base_url="http://127.0.0.1") as client:
            yield client, state


async def _made(state: AppState, serving: Serving) -> FastAPI:
    """Make the application in a loop: outside of any, Gradio opens one and never closes it."""
    return create_app(state, serving)
