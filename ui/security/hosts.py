"""Strict parsing of the `Host` and `Origin` headers.

Anything that is not a host by the grammar is refused. A URL parser would find the host 127.0.0.1 in
`evil.example@127.0.0.1` and `127.0.0.1#x`, and code that builds a URL from them may then reach
another host.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers

_LABEL = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_AUTHORITY = re.compile(
    rf"(?:(?P<name>{_LABEL}(?:\.{_LABEL})*)|\[(?P<six>[0-9a-f:.]+)\])(?::(?P<port>[0-9]{{1,5}}))?",
    re.ASCII,
)
"""`uri-host [":" port]` of RFC 9110, section 7.2, with DNS names and the addresses of RFC 3986."""
_LONGEST = 300  # characters: a name of 255, brackets or a port
_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Authority:
    """A host in lower case, and its port if there is one."""

    host: str
    port: int | None


def parse_authority(text: str) -> Authority:
    """Parse `host[:port]`. Raises ValueError."""
    match = _AUTHORITY.fullmatch(text.lower()) if len(text) <= _LONGEST and text.isascii() else None
    if match is None:
        raise ValueError("This is not a host with an optional port.")
    port = int(match["port"]) if match["port"] else None
    if port is not None and port > _LARGEST_PORT:
        raise ValueError("The port number is too large.")
    six = match["six"]
    return Authority(ipaddress.IPv6Address(six).compressed if six else match["name"], port)


def parse_origin(text: str) -> Authority:
    """Return the host and port of `http[s]://host[:port]`. Raises ValueError."""
    scheme, separator, rest = text.partition("://")
    if scheme.lower() not in ("http", "https") or not separator:
        raise ValueError("This is not the origin of a page.")
    return parse_authority(rest)


def plain_host(host: str) -> str:
    """Return a host in lower case, an IPv6 address in its shortest form, for comparison."""
    if ":" not in host:
        return host.lower()
    return ipaddress.IPv6Address(host).compressed


def is_for(headers: Headers, hosts: Iterable[str]) -> bool:
    """Tell whether a request is for one of `hosts` and, if a page made it, for that page's host.

    `hosts` are as `plain_host` returns them.
    """
    try:
        [requested] = map(parse_authority, headers.getlist("host"))
        origins = [parse_origin(origin) for origin in headers.getlist("origin")]
    except ValueError:  # no `Host`, several, or one that is malformed
        return False
    return (
        requested.host in hosts
        and len(origins) <= 1
        and all(origin == requested for origin in origins)
    )
