"""Asking a feed for CAP messages: Atom, RSS, or a message itself; within limits, and of one host only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import requests
from urllib3.exceptions import HTTPError

from broadcaster.errors import Invalid
from broadcaster.newsroom import cap

DEADLINE_S = 20.0
"""For all of one feed."""
CONNECT_S, READ_S = 5.0, 5.0
MOST_MESSAGES = 25
"""The newest of a feed; a flood of warnings is read on in the next round."""
MOST_REDIRECTS = 3
_CHUNK_BYTES = 16 * 1024
_ATOM = "{http://www.w3.org/2005/Atom}"
_CAP_TYPES = (
    "application/cap+xml",
    "application/xml",
    "text/xml",
    "application/common-alerting-protocol+xml",
)


class Unanswered(Exception):
    """The feed could not be read; `str(error)` is one Vietnamese sentence."""


def messages(address: str, known: frozenset[str] = frozenset()) -> Iterator[tuple[str, bytes]]:
    """Yield (address, content) of the messages that the feed at `address` offers, in its order.

    Messages whose address is among `known` are not asked for. Raises Unanswered; a single message that
    cannot be fetched is left out, and asked for again next time.
    """
    asking = _Asking(address)
    content = asking.get(address)
    try:
        root = cap.parsed(content)
    except Invalid as error:
        raise Unanswered(f"Nguồn trả lời không đúng: {error}") from error
    if cap.is_cap(root):
        yield address, content
        return
    new = [link for link in _links(root, address) if asking.is_same_host(link) and link not in known]
    for link in new[:MOST_MESSAGES]:
        try:
            yield link, asking.get(link)
        except Unanswered:
            continue


def _links(root: Element, base: str) -> Iterator[str]:
    """Yield where an Atom or RSS feed says that its messages lie."""
    for entry in root.iter(f"{_ATOM}entry"):
        links = entry.findall(f"{_ATOM}link")
        best = next((link for link in links if link.get("type") in _CAP_TYPES), next(iter(links), None))
        if best is not None and best.get("href"):
            yield urljoin(base, str(best.get("href")))
    for item in root.iter("item"):
        link = item.findtext("link")
        if link and link.strip():
            yield urljoin(base, link.strip())


class _Asking:
    """One round of questions to one host, all within one deadline."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc.lower()
        self._until = time.monotonic() + DEADLINE_S

    def is_same_host(self, address: str) -> bool:
        """Tell whether `address` leads where the station was told to ask, and nowhere else."""
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and parts.netloc.lower() == self._host

    def get(self, address: str) -> bytes:
        """Return what lies at `address`; redirections stay on the host. Raises Unanswered."""
        for _ in range(MOST_REDIRECTS + 1):
            if not self.is_same_host(address):
                raise Unanswered("Nguồn chuyển hướng sang máy khác nên không được đọc.")
            try:
                with requests.get(
                    address,
                    headers={"Accept-Encoding": "identity"},
                    stream=True,
                    timeout=(CONNECT_S, READ_S),
                    allow_redirects=False,
                ) as answer:
                    if not answer.is_redirect:
                        return self._body(answer)
                    address = urljoin(address, answer.headers.get("Location", ""))
            except (requests.RequestException, HTTPError, ValueError) as error:
                raise Unanswered("Không nối được với nguồn cảnh báo.") from error
        raise Unanswered("Nguồn chuyển hướng quá nhiều lần.")

    def _body(self, answer: requests.Response) -> bytes:
        if answer.status_code != 200:
            raise Unanswered(f"Nguồn cảnh báo trả lời mã {answer.status_code}.")
        body = bytearray()
        # Whatever has come is taken at once: a full chunk may be waited for till the end of days.
        while chunk := answer.raw.read1(_CHUNK_BYTES):
            body += chunk
            if len(body) > cap.LARGEST_BYTES:
                raise Unanswered("Nguồn cảnh báo trả lời quá dài.")
            if time.monotonic() > self._until:
                raise Unanswered("Nguồn cảnh báo trả lời quá chậm.")
        return bytes(body)
