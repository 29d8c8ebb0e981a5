"""What every REST route says in the same way: JSON, tags, who may write."""

import hashlib
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Request, Response

from ui.api.problems import declared
from ui.api.schemas import to_json

TAGGED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "ETag": {
                "schema": {"type": "string"},
                "description": "Changes when what is told does; send it as If-None-Match.",
            }
        }
    },
    304: {"description": "Not changed since."},
    **declared(401, 403, 404, 422, 503, 504),
}

IfNoneMatch = Annotated[
    str | None, Header(description="The ETag of what is known already; 304 when it still holds.")
]


def told(content: dict[str, Any], status: int = 200) -> Response:
    """Return plain values as JSON."""
    return Response(to_json(content), status, media_type="application/json")


def tagged(content: dict[str, Any], known: str | None) -> Response:
    """Return plain values as JSON with an ETag; only that they have not changed, if so."""
    response = told(content)
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    tags = {one.strip().removeprefix("W/") for one in (known or "").split(",")}
    if tag in tags or "*" in tags:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _may_write(request: Request) -> None:
    if request.state.access != "write":
        raise HTTPException(
            403, "This key may read only. Make one that may write: quoth keys add NAME --write"
        )


MAY_WRITE = Depends(_may_write)
