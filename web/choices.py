"""Words whose reading a person decides: what is offered for each, and what came back from the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from broadcaster.text import Spoken, Token, context_of, guard
from broadcaster.text.letters import spell
from broadcaster.text.numerals import read_digits
from web.looks import about

AROUND = 60
"""Characters of the written text shown on either side of a word that must be decided."""
UNSAID = "(không đọc)"
SCOPES = {"once": "chỉ chỗ này", "bulletin": "cả bản tin này", "station": "mọi bản tin của đài"}
MOST_DECISIONS = 50
LONGEST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """A word with the words around it, the readings offered, and what was typed last time."""

    written: str
    spoken: str
    choices: tuple[str, ...]
    """Readings to pick from; `UNSAID` for saying nothing."""
    why: str
    before: str
    after: str
    start: int
    context: str
    places: int = 1
    """How often it stands in the text in the same need."""
    picked: str = ""
    own: str = ""
    scope: str = "bulletin"
    error: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One word as it came back from the page."""

    written: str
    picked: str
    own: str
    context: str
    scope: str

    @property
    def spoken(self) -> str:
        """Return what is to be said, an empty text for `UNSAID`."""
        said = self.own or self.picked
        return "" if said == UNSAID else said

    @property
    def is_made(self) -> bool:
        return bool(self.own or self.picked)


def choice_of(written: str, token: Token) -> Choice:
    return Choice(
        written=token.written,
        spoken=token.spoken,
        choices=tuple(_offered(token)),
        why=about(token),
        before=_shortened(written[max(0, token.start - AROUND) : token.start], is_left=True),
        after=_shortened(written[token.end : token.end + AROUND], is_left=False),
        start=token.start,
        context=context_of(written, token),
    )


def undecided(written: str, spoken: Spoken) -> list[Choice]:
    """Return what waits for a person, the same word with the same readings once."""
    found: dict[tuple[str, tuple[str, ...]], list[Token]] = {}
    for token in spoken.undecided:
        found.setdefault((token.written, token.choices), []).append(token)
    return [replace(choice_of(written, places[0]), places=len(places)) for places in found.values()]


def decisions(form: MultiDict[str, str]) -> list[Decision]:
    """Return the words of a form, the undecided ones too."""

    def typed(name: str, number: int) -> str:
        return form.get(f"{name}-{number}", "").strip()

    count = min(form.get("count", 0, type=int), MOST_DECISIONS)
    return [
        Decision(
            written=form.get(f"written-{number}", ""),
            picked=typed("spoken", number),
            own=typed("own", number),
            context=typed("context", number),
            scope=scope if (scope := typed("scope", number)) in SCOPES else "bulletin",
        )
        for number in range(count)
    ]


def with_typed(choices: Iterable[Choice], made: Iterable[Decision], failed: str, error: str) -> list[Choice]:
    """Return the choices as the person left them; `failed` is the writing to which `error` belongs."""
    typed = {(each.written, each.context): each for each in made}
    return [_filled(choice, typed.get((choice.written, choice.context)), failed, error) for choice in choices]


def _filled(choice: Choice, typed: Decision | None, failed: str, error: str) -> Choice:
    if typed is None:
        return choice
    told = error if typed.is_made and typed.written == failed else ""
    return replace(choice, picked=typed.picked, own=typed.own, scope=typed.scope, error=told)


def _offered(token: Token) -> Iterator[str]:
    """Yield each reading once: the reader's own, then letter by letter or digit by digit."""
    seen = {""}
    for reading in (*token.choices, token.spoken, *_spelled(token.written)):
        said = reading.strip()
        if said not in seen and guard(said) is None:
            seen.add(said)
            yield said
    if "" in token.choices or (not token.spoken.strip() and token.certainty != "unsure"):
        yield UNSAID


def _spelled(written: str) -> Iterator[str]:
    digits = "".join(letter for letter in written if letter in "0123456789")
    if digits and len(digits) <= LONGEST_DIGITS:
        if written.isascii() and not any(letter.isalpha() for letter in written):
            yield read_digits(digits)
    elif written.isalpha() and len(written) <= LONGEST_DIGITS:
        yield spell(written)


def _shortened(text: str, *, is_left: bool) -> str:
    """Cut at a space, so that no half word stands there."""
    line = text.replace("\n", " ")
    if len(line) < AROUND:
        return line
    return "…" + line.split(" ", 1)[-1] if is_left else line.rsplit(" ", 1)[0] + "…"
