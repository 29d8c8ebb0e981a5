"""Responses that the routes of REST share: JSON, ETags, and the refusal to read-only keys."""

import hashlib
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Request, Response

from ui.api.problems import declared
from ui.api.responses import to_json

TAGGED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "ETag": {
                "schema": {"type": "string"},
                "description": "Changes with the content; send it as If-None-Match.",
            }
        }
    },
    304: {"description": "Not modified."},
    **declared(401, 403, 404, 422, 503, 504),
}

READ_ONLY = "This key is read-only. Make one that may write: quoth keys add NAME --write"
"""The refusal of a change."""

IfNoneMatch = Annotated[
    str | None,
    Header(description="The ETag of an earlier response; 304 while the content is the same."),
]


def json_response(values: dict[str, Any], status: int = 200) -> Response:
    """Return plain values as JSON."""
    return Response(to_json(values), status, media_type="application/json")


def tagged(values: dict[str, Any], if_none_match: str | None) -> Response:
    """Return plain values as JSON with an ETag, or 304 when `if_none_match` has that ETag."""
    response = json_response(values)
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    tags = {text.strip().removeprefix("W/") for text in (if_none_match or "").split(",")}
    if tag in tags or "*" in tags:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


async def _may_write(request: Request) -> None:
    if request.state.access != "write":
        raise HTTPException(403, READ_ONLY)


MAY_WRITE = Depends(_may_write)
