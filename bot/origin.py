"""Who is at the other end of a request: this machine itself, or an address that the https server before us tells."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

_FORWARDED = frozenset(
    {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip", b"forwarded", b"via"}
)


NEEDED = ("X-Forwarded-For", "X-Forwarded-Proto")
"""What the https server before us must write: without the first, strangers who come through it look like this machine."""


class Forwarded:
    """Takes the address and the scheme of a request from the https server before us, and from nobody else.

    What it does not write itself may be made up: of `X-Forwarded-For` only the last hop counts. A server on this
    machine is believed; one on the same network only where names are set (`near`), which means that there is one.
    """

    def __init__(self, app: ASGIApp, near: bool) -> None:
        self._app = app
        self._near = near

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_ours(_peer(scope)):
            told = dict(scope["headers"])  # of several headers of a name the last one
            hop = _address(str(told.get(b"x-forwarded-for", b""), "latin-1").rpartition(",")[2].strip())
            scheme = str(told.get(b"x-forwarded-proto", b""), "latin-1").strip().lower()
            scope = {**scope, "client": (hop, 0) if hop else scope["client"]}
            scope["scheme"] = scheme if scheme in ("http", "https") else scope["scheme"]
        await self._app(scope, receive, send)

    def _is_ours(self, peer: str) -> bool:
        found = ip_address(peer) if peer else None
        return found is not None and (found.is_loopback or (self._near and found.is_private))


def is_here(scope: Scope) -> bool:
    """Tell whether a request was made on this machine, and no proxy brought it."""
    peer = _peer(scope)
    return bool(peer) and ip_address(peer).is_loopback and not any(name in _FORWARDED for name, _ in scope["headers"])


def forwarded(scope: Scope) -> list[str]:
    """Return which of the `NEEDED` headers a request carries."""
    names = {name for name, _ in scope["headers"]}
    return [name for name in NEEDED if name.lower().encode() in names]


def address_told(header: str) -> SplitResult:
    """Return the parts of an address that a header names; all of them empty where it is none."""
    try:
        return urlsplit(header)
    except ValueError:
        return urlsplit("")


def network(address: str) -> str:
    """Return the address, or of IPv6 the /64 that one household or phone has."""
    plain = _address(address)
    return str(ip_network(f"{plain}/64", strict=False)) if ":" in plain else plain or address[:64]


def sender(scope: Scope) -> str:
    """Return the network that a request comes from, "" where that is this machine, or a proxy that tells no address."""
    peer = _peer(scope)
    return "" if not peer or ip_address(peer).is_loopback else network(peer)


def _peer(scope: Scope) -> str:
    return _address(str(scope["client"][0])) if scope.get("client") else ""


def _address(told: str) -> str:
    """Return an IP address without a port or a zone, or "" for what is none."""
    for words in (told, told.rpartition(":")[0].strip("[]"), told.strip("[]")):
        with suppress(ValueError):
            found = ip_address(words.partition("%")[0])
            return str(getattr(found, "ipv4_mapped", None) or found)
    return ""
