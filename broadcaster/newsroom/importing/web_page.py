"""Web pages, pasted or saved: the text in blocks, menus and counters named as such."""

from __future__ import annotations

from html.parser import HTMLParser

from broadcaster.newsroom.importing.encoding import plain
from broadcaster.newsroom.importing.lines import kind_of_line, starts_item, tidy
from broadcaster.newsroom.importing.values import FAR_TOO_LONG, Block, BlockKind, too_long
from broadcaster.newsroom.importing.web_tables import WebTable

_UNSEEN = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "svg",
        "math",
        "iframe",
        "object",
        "audio",
        "video",
        "canvas",
    )
)
_AROUND = {
    "nav": "trình đơn của trang web",
    "menu": "trình đơn của trang web",
    "header": "phần đầu của trang web",
    "footer": "phần chân của trang web",
    "aside": "phần bên lề của trang web",
    "search": "ô tìm kiếm của trang web",
    "button": "nút bấm của trang web",
    "select": "ô chọn của trang web",
    "textarea": "ô nhập liệu của trang web",
}
"""Not `form`: some publishing systems wrap the whole page in one."""
_ROLES = {
    "navigation": "nav",
    "menu": "menu",
    "banner": "header",
    "contentinfo": "footer",
    "complementary": "aside",
    "search": "search",
    "button": "button",
}
_STORY = frozenset({"article", "main"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CAPTIONS = frozenset({"figcaption", "caption"})
_BREAKS = frozenset(
    ("address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
     "figure", "form", "hr", "html", "legend", "li", "main", "ol", "option", "p", "pre", "section", "summary",
     "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", *_CAPTIONS, *_HEADINGS, *_AROUND)
)  # fmt: skip
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_ENDS_ITSELF = frozenset(("p", "li", "td", "th", "tr", "dt", "dd", "option"))
_DEEPEST = 200


def read_page(text: str) -> list[Block]:
    """Return the blocks of a page of HTML, whatever it is made of; Unreadable only when far too long."""
    page = _Page()
    page.feed(text)
    page.close()
    return page.finish()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[Block] = []
        self._open: list[tuple[str, str]] = []
        """(Name of the open element, what it stands for by its role or its being hidden.)"""
        self._text: list[str] = []
        self._length = 0
        self._mark = ""
        self._counts: list[int | None] = []
        """One for each open list: the last number, or None for bullets."""
        self._tables: list[WebTable] = []

    def finish(self) -> list[Block]:
        self._flush()
        while self._tables:
            self._end_table()
        return self._blocks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._text.append("\n")
        if tag in _BREAKS:
            self._flush()
        if tag == "body":
            self._open.clear()  # a head that was never closed hides nothing
        if tag not in _VOID:
            self._push(tag, given)
            self._begin(tag, given)

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self._open]
        if tag in names:
            if tag in _BREAKS:
                self._flush()
            del self._open[len(names) - 1 - names[::-1].index(tag) :]
        if tag in ("ul", "ol") and self._counts:
            self._counts.pop()
        elif tag == "table" and self._tables:
            self._end_table()

    def handle_data(self, data: str) -> None:
        if not any(means in _UNSEEN for _, means in self._open):
            self._text.append(data if self._is_in("pre") else data.replace("\n", " "))

    def _push(self, tag: str, given: dict[str, str]) -> None:
        if tag in _ENDS_ITSELF and self._open and self._open[-1][0] == tag:
            self._open.pop()
        is_hidden = "hidden" in given or "display:none" in given.get("style", "").replace(" ", "").lower()
        means = "template" if is_hidden else _ROLES.get(given.get("role", ""), tag)
        if len(self._open) < _DEEPEST:
            self._open.append((tag, means))

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if tag in ("ul", "ol"):
            start = given.get("start", "")
            first = int(start) - 1 if start.isdecimal() and len(start) < 5 else 0
            self._counts.append(first if tag == "ol" else None)
        elif tag == "li":
            self._mark = self._next_mark()
        elif tag == "table":
            for outer in self._tables[-1:]:
                outer.is_frame = True
            self._tables.append(WebTable())
        elif tag == "tr" and self._tables:
            self._tables[-1].begin_row()
        elif tag in ("td", "th") and self._tables:
            spans = {"columns": given.get("colspan", ""), "rows": given.get("rowspan", "")}
            self._tables[-1].begin_cell(is_heading=tag == "th", **spans)

    def _next_mark(self) -> str:
        number = self._counts[-1] if self._counts else None
        if number is None:
            return "- "
        self._counts[-1] = number + 1
        return f"{number + 1}. "

    def _flush(self) -> None:
        """End the block that is being read, if it holds words."""
        text, self._text = tidy(plain("".join(self._text))), []
        self._length += len(text)
        if self._length > FAR_TOO_LONG:
            raise too_long()
        if text:
            self._add([self._block(text)])
            self._mark = ""

    def _block(self, text: str) -> Block:
        if reason := self._around():
            return Block(BlockKind.DEBRIS, text, reason)
        if any(self._is_in(name) for name in _CAPTIONS):
            return Block(BlockKind.CAPTION, text)
        if self._mark:
            return Block(BlockKind.ITEM, text if starts_item(text) else f"{self._mark}{text}")
        if any(self._is_in(name) for name in _HEADINGS):
            return Block(BlockKind.HEADING, text)
        return Block(kind_of_line(text), text)

    def _around(self) -> str:
        """Return why what is read now is not the story; the head and foot of a story itself belong to it."""
        is_story = False
        for _, means in self._open:
            is_story = is_story or means in _STORY
            if means in _AROUND and not (is_story and means in ("header", "footer")):
                return _AROUND[means]
        return ""

    def _is_in(self, name: str) -> bool:
        return any(means == name for _, means in self._open)

    def _add(self, blocks: list[Block]) -> None:
        for table in reversed(self._tables):
            if table.add(blocks):
                return
        self._blocks += blocks

    def _end_table(self) -> None:
        self._flush()
        self._add(self._tables.pop().as_blocks())
