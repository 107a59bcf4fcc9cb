"""Opening an address over HTTP as a listener does: http and https only, few redirects, no patience.

Not libavformat's own client: that one checks no certificates by default, does not say why it failed, and
opens whatever a playlist names, files included.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import urllib.error
import urllib.request
from typing import IO, Any

from audio.relay_address import BadAddress, checked_address
from audio.relay_trouble import RelayError, Trouble

PATIENCE_S = 3.0
"""For a connection, an answer, and the next byte of a stream; measured breaks of live streams are shorter."""
_MOST_REDIRECTS = 5
_STATUS = {404: Trouble.NOT_FOUND, 410: Trouble.NOT_FOUND, 401: Trouble.DENIED, 403: Trouble.DENIED}
_SHOUTCAST = b"ICY "


class Body:
    """What the server sends, as it comes."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.address = response.url
        """After redirects."""
        self.content_type = (response.headers.get_content_type() or "").lower()
        length = response.headers.get("Content-Length", "")
        self.length = int(length) if length.isdecimal() else None

    def read(self, most: int) -> bytes:
        """Return at least one byte, or none at the end. Raises RelayError when nothing comes."""
        try:
            return self._response.read1(most)
        except TimeoutError as error:
            raise RelayError(Trouble.STALLED) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise RelayError(Trouble.ENDED) from error

    def close(self) -> None:
        self._response.close()


def open_address(address: str) -> Body:
    """Return the answer of the server; raises RelayError."""
    try:
        request = urllib.request.Request(checked_address(address), headers=_HEADERS)  # noqa: S310 - checked
        return Body(_opener().open(request, timeout=PATIENCE_S))
    except BadAddress as error:
        raise RelayError(Trouble.BAD_ADDRESS) from error
    except urllib.error.HTTPError as error:
        error.close()
        raise RelayError(_trouble_of_status(error)) from error
    except urllib.error.URLError as error:
        raise RelayError(_trouble_of(error.reason)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise RelayError(_trouble_of(error)) from error


_HEADERS = {"User-Agent": "ward-station", "Accept": "*/*", "Connection": "close"}


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = _MOST_REDIRECTS
    max_repeats = 2

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """The next address must pass the same test as the first."""
        return super().redirect_request(req, fp, code, msg, headers, checked_address(newurl))


class _Answer(http.client.HTTPResponse):
    """Takes the answer of old Shoutcast servers too, which say ICY where others say HTTP/1.0."""

    def __init__(self, sock: socket.socket, *arguments: Any, **more: Any) -> None:
        super().__init__(_Socket(sock), *arguments, **more)  # type: ignore[arg-type]


class _Socket:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def makefile(self, mode: str) -> IO[bytes]:
        return io.BufferedReader(_Raw(self._connection))


class _Raw(io.RawIOBase):
    """The bytes of a connection with its first word put right."""

    def __init__(self, connection: socket.socket) -> None:
        self._raw = connection.makefile("rb", buffering=0)
        self._is_first = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if not self._is_first:
            return self._raw.readinto(buffer)
        self._is_first = False
        first = self._first_word()
        if first == _SHOUTCAST:
            first = b"HTTP/1.0 "
        buffer[: len(first)] = first
        return len(first)

    def _first_word(self) -> bytes:
        first = b""
        while len(first) < len(_SHOUTCAST) and (more := self._raw.read(len(_SHOUTCAST) - len(first))):
            first += more
        return first

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Plain(http.client.HTTPConnection):
    response_class = _Answer


class _Secure(http.client.HTTPSConnection):
    response_class = _Answer


class _PlainHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Plain, req)


class _SecureHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Secure, req, context=ssl.create_default_context())


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener that knows http and https and nothing else, files and ftp least of all."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _PlainHandler(),
        _SecureHandler(),
        _Redirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _trouble_of_status(error: urllib.error.HTTPError) -> Trouble:
    if 300 <= error.code < 400:
        return Trouble.REDIRECTS
    return _STATUS.get(error.code, Trouble.SERVER if error.code >= 500 else Trouble.NOT_FOUND)


def _trouble_of(reason: object) -> Trouble:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Trouble.CERTIFICATE
    if isinstance(reason, socket.gaierror):
        return Trouble.NO_NAME
    if isinstance(reason, TimeoutError):
        return Trouble.NO_ANSWER
    if isinstance(reason, http.client.RemoteDisconnected):
        return Trouble.ENDED
    if isinstance(reason, http.client.HTTPException | ValueError):
        return Trouble.NOT_AUDIO
    return Trouble.UNREACHABLE
