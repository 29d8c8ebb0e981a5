"""The HTTP server: who is let in, which headers go out, what a refused port says."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from ui.ports import PortError, listen


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server) as made:
        yield made


def test_the_page_and_the_health_route_answer(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    page = client.get("/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "10.0.0.1"])
def test_requests_for_another_host_are_refused(client: httpx.Client, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 403


def test_requests_from_another_sites_page_are_refused(client: httpx.Client) -> None:
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        assert client.post("/gradio_api/run/x", headers={"origin": origin}).status_code == 403
    own = {"origin": "http://localhost:7860", "host": "localhost:7860"}
    assert client.get("/healthz", headers=own).status_code == 200


def test_nothing_of_the_page_is_open_to_api_callers(client: httpx.Client) -> None:
    assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}
    for path in ("/docs", "/openapi.json", "/redoc"):
        assert client.get(path).status_code == 404


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortError, match="Choose another with --port"):
            listen(taken.getsockname()[1])
    with listen(0) as free:
        assert free.getsockname()[0] == "127.0.0.1"
