"""Under which addresses other machines of the ward reach this one."""

from __future__ import annotations

import contextlib
import ipaddress
import socket

import psutil

SOMEWHERE = ("192.0.2.1", 9)
"""An address of nobody (RFC 5737): asked only which of our own we would speak from; nothing is sent."""


def addresses() -> tuple[str, ...]:
    """Return this machine's addresses in its networks, the one of its way out first."""
    states = psutil.net_if_stats()
    found = [
        each.address.partition("%")[0]
        for card, all_of_card in psutil.net_if_addrs().items()
        for each in all_of_card
        if each.family in (socket.AF_INET, socket.AF_INET6) and (card not in states or states[card].isup)
    ]
    reachable = dict.fromkeys(address for address in found if _is_reachable(address))
    first = _way_out()
    return tuple(sorted(reachable, key=lambda each: (each != first, ":" in each, each)))


def host_names() -> tuple[str, ...]:
    """Return the names under which the machine's own network may know it."""
    own = socket.gethostname().lower()
    return own, f"{own}.local"


def at_port(address: str, port: int) -> str:
    """Return the page's address for a browser: `https://192.168.1.20:8443`."""
    host = f"[{address}]" if ":" in address else address
    return f"https://{host}" if port == 443 else f"https://{host}:{port}"


def _is_reachable(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return not (address.is_loopback or address.is_link_local or address.is_multicast)


def _way_out() -> str:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(SOMEWHERE)
        return str(probe.getsockname()[0])
    return ""
