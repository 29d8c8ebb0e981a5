"""Gradio applications, mounted with an allowlist of their routes.

A request that none of our routes matches, by path or by method, goes to the application mounted at
`/`. Without the allowlist it would reach whatever Gradio serves under that path.
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
    """The routes of an application that are open: methods by path, and folders of files."""

    paths: Mapping[str, Collection[str]]
    folders: Collection[str] = ()


PAGE = Routes(
    {"/": ("GET", "HEAD"), "/theme.css": ("GET",), "/favicon.ico": ("GET",)},
    ("/assets/", "/static/", "/svelte/"),
)
"""What a browser needs to show the page."""
CLIENTS = Routes(
    {
        "/config": ("GET",),
        "/gradio_api/info": ("GET",),
        "/gradio_api/queue/join": ("POST",),
        "/gradio_api/queue/data": ("GET",),
    },
    ("/gradio_api/heartbeat/",),
)
"""What gradio_client needs from an application without components."""


def mount(app: FastAPI, blocks: gr.Blocks, path: str, routes: Routes, root_path: str) -> None:
    """Mount a Gradio application with only `routes` open, and its other features turned off."""
    gr.mount_gradio_app(
        app,
        blocks,
        path=path,
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=1,  # nothing is uploaded to Gradio, and its upload routes are closed
        ssr_mode=False,
        mcp_server=False,
        root_path=root_path + path.rstrip("/") if root_path else None,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )
    mounted = app.router.routes[-1]
    if not isinstance(mounted, Mount):
        raise TypeError(
            "Gradio mounts its applications in a new way. Adapt ui/serving/gradio_mounts.py."
        )
    mounted.app = _Allowlist(mounted.app, routes)


class _Allowlist:
    """Passes requests for open routes to an application, and answers all others with 404."""

    def __init__(self, app: ASGIApp, routes: Routes) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = scope["type"] == "http" and self._is_open(scope)
        await (self._app if is_open else _NOT_FOUND)(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = path_within(scope)
        if path in self._routes.paths:
            return scope["method"] in self._routes.paths[path]
        is_file = path.startswith(tuple(self._routes.folders)) and _is_plain(path)
        return is_file and scope["method"] == "GET" and not _has_encoded_slashes(scope)


_NOT_FOUND = PlainTextResponse("There is nothing here.", status_code=404)


def path_within(scope: Scope) -> str:
    """Return the path within the application, without the prefix that a proxy adds."""
    path: str = scope["path"]
    root = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def _is_plain(path: str) -> bool:
    """Tell whether a path consists of plain names only, none of them hidden or empty."""
    names = path.split("/")[1:]
    return (
        path.isprintable()
        and "\\" not in path
        and not any(name == "" or name.startswith(".") for name in names)
    )


def _has_encoded_slashes(scope: Scope) -> bool:
    """Tell whether a slash is percent-encoded, which a proxy may not have seen as a slash."""
    raw_path: bytes = scope.get("raw_path", b"").lower()
    return b"%2f" in raw_path or b"%5c" in raw_path
