"""The paths that programs use: those of REST, MCP and gradio_client."""

_GRADIO_CLIENT = frozenset(
    f"/gradio/{route}"
    for route in ("config", "gradio_api/info", "gradio_api/queue/join", "gradio_api/queue/data")
)
_HEARTBEAT = "/gradio/gradio_api/heartbeat/"


def is_for_programs(path: str) -> bool:
    """Return whether a path is one of REST, MCP or gradio_client."""
    return path == "/mcp" or path in _GRADIO_CLIENT or path.startswith(("/api/", _HEARTBEAT))
