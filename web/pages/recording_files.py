"""What goes to and fro beside the pages of a recording: parts of a file, pictures, the uncut sound."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, send_file
from flask.typing import ResponseReturnValue

from broadcaster.newsroom import recordings, recordings_files, recordings_picture
from web.context import me, reading, ward

pages = Blueprint("recording_files", __name__, url_prefix="/ban-thu")

DRAWN = {"goc": recordings_picture.of_file, "ban": recordings_picture.of_clip}


@pages.post("/phan")
def part() -> ResponseReturnValue:
    """Take the next part of a file; tell how many bytes are there, so that a broken line can go on."""
    settings = ward().settings
    size = recordings_files.add_part(
        settings.folder,
        me().id,
        request.args.get("ma", ""),
        request.args.get("tu", 0, type=int),
        request.stream,
        settings.largest_upload_mb * 1_000_000,
    )
    return {"size": size}


@pages.get("/hinh/<int:recording_id>-<which>-<int:width>.svg")
def wave(recording_id: int, which: str, width: int) -> ResponseReturnValue:
    """Send the picture of a file's sound (`goc`), what was left out hatched, or of the clip (`ban`)."""
    recording = recordings.by_id(reading(), recording_id)
    if width not in recordings_picture.WIDTHS or which not in DRAWN:
        abort(404)
    drawn = DRAWN[which](recording, width) or abort(404)
    answer = Response(drawn, mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


@pages.get("/goc/<int:recording_id>.wav")
def sound(recording_id: int) -> ResponseReturnValue:
    """Send the whole sound of a file, for choosing what to keep of it."""
    recording = recordings.by_id(reading(), recording_id)
    path = recordings_files.sound_of(ward().settings.folder, recording.file_sha256).resolve()
    if not path.is_file():
        abort(404)
    answer = send_file(path, mimetype="audio/wav", conditional=True, etag=recording.file_sha256, max_age=3600)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
