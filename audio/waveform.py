"""A picture of a sound: its outline drawn as SVG, with the time below. No numpy: the page draws it.

Nothing in the picture is styled from outside or by code, so that it may be shown under any content policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

COLUMNS = 720
"""Of an outline, and pixels of a picture."""
_HEIGHT, _TICKS_HEIGHT = 120, 26
_PIXELS_PER_TICK = 72
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_WAVE, _CUT_WAVE, _CUT, _LINE, _INK = "#14506b", "#8a949d", "#e4e7e5", "#8a949d", "#3d4750"
_HATCHING = (
    '<defs><pattern id="bo" width="8" height="8" patternUnits="userSpaceOnUse">'
    f'<rect width="8" height="8" fill="{_CUT}"/><path d="M-2 10 10-2" stroke="{_CUT_WAVE}"/></pattern></defs>'
)


def draw(
    wave: Sequence[int],
    seconds: float,
    title: str,
    about: str = "",
    kept: Sequence[Sequence[float]] | None = None,
    width: int = COLUMNS,
) -> str:
    """Return an SVG, `width` pixels wide; stretches of time outside `kept` are hatched.

    `wave` is an outline, `title` and `about` are what a screen reader says.
    """
    scale = width / seconds if seconds > 0 else 0.0
    cuts = _seen_cuts(kept, seconds, scale)
    parts = (
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(about)}</desc>" if about else "",
        _HATCHING if cuts else "",
        *(f'<rect x="{a:.1f}" width="{b - a:.1f}" height="{_HEIGHT}" fill="url(#bo)"/>' for a, b in cuts),
        f'<path d="{_shape(wave, width)}" fill="{_WAVE}"/>',
        *(
            f'<rect x="{a:.1f}" width="{b - a:.1f}" height="{_HEIGHT}" fill="{_CUT}" fill-opacity=".55"/>'
            for a, b in cuts
        ),
        _ticks(seconds, width),
    )
    height = _HEIGHT + _TICKS_HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img">{"".join(parts)}</svg>'
    )


def left_out(kept: Sequence[Sequence[float]], seconds: float) -> list[tuple[float, float]]:
    """Return the stretches of [0, `seconds`) that lie in none of `kept`."""
    edges = [0.0, *(edge for stretch in kept for edge in stretch), seconds]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(a, b) for a, b in pairs if b - a > 0.05]


def _seen_cuts(
    kept: Sequence[Sequence[float]] | None, seconds: float, scale: float
) -> list[tuple[float, float]]:
    """Return what is left out, in pixels; what is narrower than one cannot be seen and is not drawn."""
    if kept is None:
        return []
    cuts = [(a * scale, b * scale) for a, b in left_out(kept, seconds)]
    return [(a, b) for a, b in cuts if b - a >= 1.0]


def _shape(wave: Sequence[int], width: int) -> str:
    """Return the outline and its mirror image as one closed path, two pixels a column."""
    columns = max(2, min(len(wave), width // 2))
    tops = [
        max(wave[n * len(wave) // columns : (n + 1) * len(wave) // columns] or [0]) for n in range(columns)
    ]
    middle, step = _HEIGHT / 2, width / (columns - 1)
    heights = [max(1.0, top / 100 * (middle - 2)) for top in tops]
    upper = [f"{n * step:.0f} {middle - height:.0f}" for n, height in enumerate(heights)]
    lower = [f"{n * step:.0f} {middle + height:.0f}" for n, height in enumerate(heights)]
    return f"M{' '.join(upper)} {' '.join(reversed(lower))}z"


def _ticks(seconds: float, width: int) -> str:
    if seconds <= 0:
        return ""
    step = next((each for each in _STEPS_S if seconds / each <= width / _PIXELS_PER_TICK), _STEPS_S[-1])
    marks = []
    for number in range(int(seconds / step) + 1):
        x = number * step / seconds * width
        anchor = "start" if x < 20 else "end" if x > width - 20 else "middle"
        marks.append(
            f'<path d="M{x:.1f} {_HEIGHT}v5" stroke="{_LINE}"/><text x="{x:.1f}" y="{_HEIGHT + 21}" '
            f'text-anchor="{anchor}">{clock(number * step)}</text>'
        )
    return (
        f'<path d="M0 {_HEIGHT}H{width}" stroke="{_LINE}"/>'
        f'<g font-family="sans-serif" font-size="13" fill="{_INK}">{"".join(marks)}</g>'
    )


def clock(seconds: float) -> str:
    """Return 1:05, 1:02:05, or 0:00,5 where tenths matter."""
    tenths = round(seconds * 10)
    whole, rest = divmod(tenths, 10)
    hours, minutes = divmod(whole // 60, 60)
    text = f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
    return f"{text},{rest}" if rest else text
