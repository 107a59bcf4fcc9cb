"""Which part of a programme a bulletin belongs to."""

from __future__ import annotations

from broadcaster.errors import Refused
from broadcaster.store.models import Bulletin, Programme, ProgrammePart, Request

QUEUE, FIXED, WORDS = "queue", "fixed", "words"
PART_KINDS = {
    WORDS: "Lời xướng, lời kết",
    FIXED: "Luôn phát",
    QUEUE: "Tin, bài đang chờ",
}
"""`words` sound only around something else; `fixed` always; `queue` takes what waits."""
FIXED_WAYS = {"part": FIXED, "words": WORDS}
"""Ways of a request that stands for a part, and the kind of that part."""


def takers(programme: Programme, bulletin: Bulletin) -> list[ProgrammePart]:
    """Return the parts of `programme` that take such a bulletin from the queue, in order."""
    return [part for part in programme.parts if part.kind == QUEUE and _takes(part, bulletin)]


def takes(programme: Programme, bulletin: Bulletin) -> bool:
    """Return whether a bulletin may be put into `programme`: one without parts takes everything."""
    return not programme.parts or bool(takers(programme, bulletin))


def refuse_untaken(programme: Programme, bulletin: Bulletin) -> None:
    if not takes(programme, bulletin):
        raise Refused(
            f"Chương trình “{programme.name}” không có phần nào nhận bản tin như “{bulletin.title}”; "
            "hãy chọn chương trình khác hoặc sửa các phần của chương trình."
        )


def section_of(request: Request) -> int:
    """Return the place of the part that a wish belongs to; 0 outside programmes and where there are none."""
    programme = request.programme
    if programme is None or not programme.parts:
        return 0
    if request.way in FIXED_WAYS:
        own = (part.place for part in programme.parts if part.id == request.part_id)
        return next(own, 0)
    return next((part.place for part in takers(programme, request.bulletin)), _last_place(programme))


def _last_place(programme: Programme) -> int:
    """What no part takes any more stands before the closing words."""
    queues = [part.place for part in programme.parts if part.kind == QUEUE]
    return max(queues, default=programme.parts[-1].place)


def _takes(part: ProgrammePart, bulletin: Bulletin) -> bool:
    asked = (("topics", bulletin.topic), ("kinds", bulletin.kind), ("sources", bulletin.source))
    return all(not part.takes.get(name) or value in part.takes[name] for name, value in asked)
