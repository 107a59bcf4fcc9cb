"""Plain text, typed or pasted: lines to blocks; a line broken by a margin goes on in the next."""

from __future__ import annotations

from broadcaster.newsroom.importing.encoding import plain
from broadcaster.newsroom.importing.lines import kind_of_line, starts_item, tidy
from broadcaster.newsroom.importing.values import FAR_TOO_LONG, Block, too_long

_LEAST_WRAPPED = 50
"""Characters: nobody's margin is narrower."""
_ENDS = tuple(".!?:;…")


def read_text(text: str) -> list[Block]:
    """Return the paragraphs of a plain text; raises Unreadable for one that is far too long."""
    if len(text) > FAR_TOO_LONG:
        raise too_long()
    paragraphs: list[str] = []
    is_open = False
    for line in plain(text).split("\n"):
        shown = tidy(line)
        if not shown:
            is_open = False
        elif is_open and _goes_on(paragraphs[-1], shown):
            paragraphs[-1] += f" {shown}"
        else:
            paragraphs.append(shown)
            is_open = True
    return [Block(kind_of_line(each), each) for each in paragraphs]


def _goes_on(before: str, line: str) -> bool:
    return (
        len(before) >= _LEAST_WRAPPED
        and line[0].islower()
        and not before.endswith(_ENDS)
        and not starts_item(line)
    )
