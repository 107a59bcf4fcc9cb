"""Whether other machines reach the page, under which addresses, and what keeps them out."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app, redirect, request
from flask.typing import ResponseReturnValue

from broadcaster import lan
from broadcaster.errors import SettingsError, StoreError
from broadcaster.settings import Settings
from broadcaster.store import Store, facts
from schedules.clock import Clock
from web.doorway import Doorway
from web.security import is_only_here
from web.visitors import Address, Visitors

if TYPE_CHECKING:
    from broadcaster.certificates import Certificate

logger = logging.getLogger(__name__)

_KEY = "entrance"
LOOK_AGAIN_S = 60.0
"""How often the certificate is looked at: its end, its files, the machine's addresses."""


@dataclass(frozen=True, slots=True)
class View:
    """What there is to tell of the entrance."""

    is_wanted: bool = False
    is_open: bool = False
    port: int = 0
    certificate: Certificate | None = None
    addresses: tuple[str, ...] = ()
    """As they are typed into a browser, the likeliest first."""
    fault: str = ""
    """Why it is not open, or soon will not be, in words for a person."""


class Entrance:
    """Opens and shuts the door as the settings or an administrator want it. May be used by any thread."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, inside: Address, visitors: Visitors
    ) -> None:
        self.settings = settings
        self._store = store
        self._clock = clock
        self._inside = inside
        self._visitors = visitors
        self._lock = threading.Lock()
        self._door: Doorway | None = None
        self._looked_at_s = -LOOK_AGAIN_S
        self.view = View()

    def look(self) -> View:
        """Make it as it is wanted; return how it is. What cannot be done is told, never raised."""
        with self._lock:
            is_wanted = self._is_wanted()
            self.view = self._opened() if is_wanted else self._shut()
            return self.view

    def close(self) -> None:
        with self._lock:
            self.view = self._shut()

    def _is_wanted(self) -> bool:
        try:
            with self._store.read() as session:
                return self.settings.lan or bool(facts.get(session, facts.LAN, False))
        except StoreError:
            return self.view.is_wanted

    def _shut(self) -> View:
        if self._door is not None:
            self._door.shut()
            self._door = None
        self._looked_at_s = self._clock.monotonic() - LOOK_AGAIN_S
        return View()

    def _opened(self) -> View:
        now_s = self._clock.monotonic()
        if self._door is not None and self._door.is_open and now_s < self._looked_at_s + LOOK_AGAIN_S:
            return self.view
        self._looked_at_s = now_s
        try:
            certificate = self._certificate()
            port = self._open(certificate)
        except (SettingsError, OSError, ValueError) as error:
            return self._faulty(error)
        return View(True, True, port, certificate, self._addresses(port))

    def _certificate(self) -> Certificate:
        from broadcaster import certificates  # noqa: PLC0415 - 19 MB that a closed station does not need

        known, now = self.settings, self._clock.now()
        if known.certificate:
            key = known.certificate_key or known.certificate  # one file may hold both
            return certificates.given(Path(known.certificate), Path(key), now)
        return certificates.own(known.folder, (*known.hosts, *lan.host_names()), lan.addresses(), now)

    def _open(self, certificate: Certificate) -> int:
        from broadcaster import certificates  # noqa: PLC0415 - as above

        if self._door is not None and self._door.is_open:
            if certificate != self.view.certificate:
                self._door.context = certificates.context(certificate)
                logger.info("the page now shows certificate %s", certificate.sha256)
            return self._door.port
        door = Doorway(
            self.settings.https_port, self._inside, self._visitors, certificates.context(certificate)
        )
        door.open()
        self._door = door
        logger.info("open to other machines on port %s, certificate %s", door.port, certificate.sha256)
        return door.port

    def _faulty(self, error: Exception) -> View:
        is_ours = isinstance(error, SettingsError)
        port = self.settings.https_port
        told = str(error) if is_ours else f"Không mở được cổng {port} cho máy khác: {error}."
        if told != self.view.fault:
            logger.error("%s", told)
        is_open = self._door is not None and self._door.is_open
        return replace(self.view, is_wanted=True, is_open=is_open, fault=told)

    def _addresses(self, port: int) -> tuple[str, ...]:
        found = lan.addresses()
        short = [each for each in found if ":" not in each] or found  # nobody types fd00::2
        return tuple(lan.at_port(each, port) for each in (*self.settings.hosts, *short))


def install(app: Flask, entrance: Entrance) -> None:
    app.extensions[_KEY] = entrance
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _lead_to_https(entrance))


def here() -> Entrance | None:
    """Return the entrance of this server; None where the page is served without one, as in tests."""
    found: Entrance | None = current_app.extensions.get(_KEY)
    return found


def view() -> View:
    entrance = here()
    return entrance.view if entrance is not None else View()


def look() -> View:
    """Have it as it is wanted now, without waiting for the next regular look."""
    entrance = here()
    return entrance.look() if entrance is not None else View()


def is_set() -> bool:
    """Return True when the settings open it, so that no button can shut it."""
    entrance = here()
    return entrance is not None and entrance.settings.lan


def is_proxied() -> bool:
    entrance = here()
    return entrance is not None and bool(entrance.settings.https or entrance.settings.trusted_proxies)


def is_exposed() -> bool:
    """Return True when other machines reach the page by plain http, for all in between to read."""
    entrance = here()
    return entrance is not None and not (
        is_only_here(entrance.settings.host) or is_proxied() or entrance.view.is_open
    )


def _lead_to_https(entrance: Entrance) -> ResponseReturnValue | None:
    """Answer another machine that comes by plain http with the same page by https."""
    if request.is_secure or is_proxied() or not entrance.view.is_open:
        return None
    if is_only_here(request.remote_addr or ""):
        return None
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    address = lan.at_port(host.strip("[]"), entrance.view.port)
    return redirect(address + request.full_path.rstrip("?"), 307)
