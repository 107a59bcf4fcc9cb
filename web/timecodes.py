"""Places in a sound, as people write them: 1:02,5 or 62,5 seconds."""

from __future__ import annotations

from wtforms import StringField


class Timecode(StringField):  # type: ignore[misc]
    """A place in a sound as 1:02,5 or 62,5 seconds; empty is None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            self.data: float | None = seconds_of(valuelist[0] if valuelist else "")
        except ValueError:
            raise ValueError("Chưa đúng; hãy gõ theo mẫu 1:02,5 (phút:giây) hoặc số giây.") from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else timecode(self.data)


def seconds_of(text: str) -> float | None:
    """Return 62.5 for 1:02,5 and for 62,5; None for nothing. Raises ValueError for anything else."""
    text = text.strip().replace(",", ".")
    if not text:
        return None
    seconds = 0.0
    for place in text.split(":"):
        if not place.replace(".", "", 1).isdecimal() or len(place) > 8:
            raise ValueError(text)
        seconds = seconds * 60 + float(place)
    return seconds


def timecode(seconds: float) -> str:
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d},{tenths % 10}"
