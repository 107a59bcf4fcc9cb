"""Reading aloud: deciding how words are said, hearing one sentence, asking for the whole clip."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import bulletins, readings, rendering
from broadcaster.store import Session
from web import choices, listening, texts
from web.bulletin_view import written_of
from web.choices import Decision
from web.context import me, now, reading, writing
from web.pages.bulletins import page_of

pages = Blueprint("aloud", __name__, url_prefix="/ban-tin")


@pages.post("/<int:bulletin_id>/cach-doc")
def decide(bulletin_id: int) -> ResponseReturnValue:
    """Take a person's decisions how words are said; words left without one stay undecided."""
    typed = choices.decisions(request.form)
    chosen = [word for word in typed if word.is_made]
    if not chosen:
        error = "Chưa chọn cách đọc nào; hãy chọn một cách hoặc ghi cách đọc khác."
        return page_of(bulletin_id, typed, error=error), 409
    word = chosen[0]
    try:
        with writing() as rows:
            for word in chosen:
                _decide(rows, bulletin_id, word)
    except Invalid as error:
        return page_of(bulletin_id, typed, word.written, str(error)), 409
    return redirect(_back_to_words(bulletin_id), 303)


def _decide(rows: Session, bulletin_id: int, word: Decision) -> None:
    scope = None if word.scope == "station" else bulletin_id
    context = word.context or None if word.scope == "once" else None
    readings.decide(rows, me(), scope, word.written, word.spoken, context, now())


@pages.post("/<int:bulletin_id>/cach-doc/<int:reading_id>/bo")
def retire_reading(bulletin_id: int, reading_id: int) -> ResponseReturnValue:
    with writing() as rows:
        readings.retire(rows, me(), reading_id, now())
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id, _anchor="loi-doc"), 303)


@pages.get("/<int:bulletin_id>/cau/<int:start>-<mark>.wav")
def sentence(bulletin_id: int, start: int, mark: str) -> ResponseReturnValue:
    """Send the sound of the one sentence that begins at `start`, as it is said at this moment."""
    bulletin = bulletins.get(reading(), bulletin_id)
    spoken = bulletins.spoken_of(reading(), bulletin)
    row = texts.row_at(texts.rows(written_of(bulletin), spoken), start)
    if row is None or row.mark != mark:
        raise Refused("Lời đọc đã đổi sau khi trang này mở; hãy tải lại trang rồi nghe.")
    return listening.send(row.lines, bulletin.voice, bulletin.rate)


@pages.post("/<int:bulletin_id>/nghe-ca-bai")
def listen(bulletin_id: int) -> ResponseReturnValue:
    """Ask for the clip of exactly the words of this moment."""
    with writing() as rows:
        bulletin = bulletins.get(rows, bulletin_id)
        lexicon = readings.lexicon_for(rows, bulletin_id)
        spoken = bulletins.spoken_of(rows, bulletin)
        if spoken.undecided:
            raise Refused("Còn chỗ chưa rõ cách đọc; hãy chọn cách đọc ở đầu trang rồi nghe.")
        ask = rendering.again if "lai" in request.form else rendering.ask
        asked = ask(rows, bulletin, spoken, now(), lexicon=lexicon.version)
        rendering.retry(rows, asked.id, now())
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id, _anchor="nghe"), 303)


def _back_to_words(bulletin_id: int) -> str:
    """Return to the word that was clicked; from the list on top to what is left of it."""
    start = request.form.get("chu", type=int)
    if start is not None:
        return url_for("bulletins.show", bulletin_id=bulletin_id, _anchor=f"chu-{start}")
    bulletin = bulletins.get(reading(), bulletin_id)
    left = bulletins.spoken_of(reading(), bulletin).undecided
    anchor = "quyet-dinh-het" if left else "loi-doc"
    return url_for("bulletins.show", bulletin_id=bulletin_id, _anchor=anchor)
