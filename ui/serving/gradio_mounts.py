"""Gradio's applications, mounted so that nothing of theirs is reached but what is named here.

A request that no route of ours takes, for its path or for its method, comes to the application
mounted at `/`: without this it would reach whatever Gradio has under that path.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import gradio as gr
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Routes:
    """What is let through to an application: methods by path, and folders that are read."""

    paths: Mapping[str, Collection[str]]
    folders: Collection[str] = ()


PAGE = Routes(
    {"/": ("GET", "HEAD"), "/theme.css": ("GET",), "/favicon.ico": ("GET",)},
    ("/assets/", "/static/", "/svelte/"),
)
"""What a browser needs of the page."""
CLIENTS = Routes(
    {
        "/config": ("GET",),
        "/gradio_api/info": ("GET",),
        "/gradio_api/queue/join": ("POST",),
        "/gradio_api/queue/data": ("GET",),
    },
    ("/gradio_api/heartbeat/",),
)
"""What gradio_client needs of an application without components."""


def mount(app: FastAPI, blocks: gr.Blocks, path: str, routes: Routes, root_path: str) -> None:
    """Mount a Gradio application with all that it could do besides turned off."""
    gr.mount_gradio_app(
        app,
        blocks,
        path=path,
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=1,  # nothing is uploaded to Gradio; its routes for it are closed besides
        ssr_mode=False,
        mcp_server=False,
        root_path=root_path + path.rstrip("/") if root_path else None,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )
    mounted = app.router.routes[-1]
    if not isinstance(mounted, Mount):
        raise TypeError(
            "Gradio mounts its applications in another way now; see ui/serving/gradio_mounts.py."
        )
    mounted.app = _Only(mounted.app, routes)


class _Only:
    """Lets some requests through to an application, and answers all others with 404."""

    def __init__(self, app: ASGIApp, routes: Routes) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = scope["type"] == "http" and self._is_open(scope)
        await (self._app if is_open else _NOTHING)(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = path_within(scope)
        if path in self._routes.paths:
            return scope["method"] in self._routes.paths[path]
        below = path.startswith(tuple(self._routes.folders)) and _is_plain(path)
        return below and scope["method"] == "GET" and not _hides_slashes(scope)


_NOTHING = PlainTextResponse("There is nothing here.", status_code=404)


def path_within(scope: Scope) -> str:
    """Return the path within the application, without what a proxy put before it."""
    path: str = scope["path"]
    root = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def _is_plain(path: str) -> bool:
    """Tell whether a path names a file by folders' and files' names only, none of them hidden."""
    names = path.split("/")[1:]
    return (
        path.isprintable()
        and "\\" not in path
        and not any(name == "" or name.startswith(".") for name in names)
    )


def _hides_slashes(scope: Scope) -> bool:
    """Tell whether a slash is written in another way, which a proxy may have taken for none."""
    written: bytes = scope.get("raw_path", b"").lower()
    return b"%2f" in written or b"%5c" in written
