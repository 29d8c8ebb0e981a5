"""For which host a request is, and from which site's page it came, parsed strictly.

What is no host by the grammar is refused, rather than read as a URL would be: there
`evil.example@127.0.0.1` and `127.0.0.1#x` have the host 127.0.0.1, and whoever builds an address
from them again may get another.
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
"""`uri-host [":" port]` of RFC 9110, section 7.2: names as DNS has them, addresses of RFC 3986."""
_LONGEST = 300  # characters: a name of 255, brackets or a port
_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Authority:
    """A host, in lower case, and its port where one is named."""

    host: str
    port: int | None


def parse_authority(text: str) -> Authority:
    """Return what `host[:port]` says. Raises ValueError when it is anything else."""
    match = _AUTHORITY.fullmatch(text.lower()) if len(text) <= _LONGEST and text.isascii() else None
    if match is None:
        raise ValueError("This is no host with or without a port.")
    port = int(match["port"]) if match["port"] else None
    if port is not None and port > _LARGEST_PORT:
        raise ValueError("No port has such a number.")
    six = match["six"]
    return Authority(ipaddress.IPv6Address(six).compressed if six else match["name"], port)


def parse_origin(text: str) -> Authority:
    """Return the host and port of `scheme://host[:port]`. Raises ValueError for anything else."""
    scheme, separator, rest = text.partition("://")
    if scheme.lower() not in ("http", "https") or not separator:
        raise ValueError("This is no origin of a page.")
    return parse_authority(rest)


def plain_host(host: str) -> str:
    """Return a host as it is compared: in lower case, an IPv6 address in its shortest form."""
    if ":" not in host:
        return host.lower()
    return ipaddress.IPv6Address(host).compressed


def is_for(headers: Headers, hosts: Iterable[str]) -> bool:
    """Tell whether a request names one of `hosts`, and came from a page of that very host if any.

    `hosts` are as `plain_host` gives them.
    """
    try:
        [named] = map(parse_authority, headers.getlist("host"))
        origins = [parse_origin(origin) for origin in headers.getlist("origin")]
    except ValueError:  # none, several, or not one
        return False
    return named.host in hosts and len(origins) <= 1 and all(one == named for one in origins)
