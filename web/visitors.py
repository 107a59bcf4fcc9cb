"""Who comes through the door for other machines, told to the page as any server would tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Address = tuple[str, int]


class Visitors:
    """Tells the page who comes through the door, and that they come by https (WSGI middleware)."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._through_the_door: dict[tuple[str, str], Address] = {}

    def note(self, inner: Address, visitor: Address) -> None:
        self._through_the_door[inner[0], str(inner[1])] = visitor

    def forget(self, inner: Address) -> None:
        self._through_the_door.pop((inner[0], str(inner[1])), None)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        visitor = self._through_the_door.get((environ["REMOTE_ADDR"], environ["REMOTE_PORT"]))
        if visitor is not None:
            environ["REMOTE_ADDR"] = environ["REMOTE_HOST"] = visitor[0]
            environ["REMOTE_PORT"] = str(visitor[1])
            environ["wsgi.url_scheme"] = "https"
            for name in [name for name in environ if name.startswith(("HTTP_X_FORWARDED", "HTTP_FORWARDED"))]:
                del environ[name]  # no proxy stands before this door
        return self._app(environ, start_response)
