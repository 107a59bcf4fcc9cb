"""Errors as pages in the same manner: what happened, what to do next, and nothing typed is lost."""

from __future__ import annotations

import logging

from flask import Flask, Response, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from broadcaster.errors import BroadcasterError, Invalid, NotFound, NotPermitted, Refused, StoreError
from web.typed import came_from, kept_fields

logger = logging.getLogger(__name__)

PAGES = {
    400: ("Yêu cầu này không đọc được", "Hãy quay lại trang trước, tải lại trang rồi làm lại."),
    403: (
        "Phần này không dành cho vai trò của bạn",
        "Nếu công việc cần đến, hãy nhờ người quản trị của đài cấp thêm vai trò.",
    ),
    404: ("Không có trang này", "Có thể địa chỉ bị gõ nhầm, hoặc nội dung đã được chuyển đi."),
    405: ("Trang này không mở theo cách đó", "Hãy về trang Hôm nay và đi tiếp từ đó."),
    413: ("Nội dung gửi lên quá lớn", "Hãy chia văn bản thành nhiều bản tin ngắn hơn rồi gửi lại."),
    500: (
        "Trang gặp trục trặc",
        "Việc phát thanh không bị ảnh hưởng. Hãy thử lại; nếu vẫn gặp, hãy báo người quản trị.",
    ),
    503: ("Máy đang bận", "Hãy đợi vài giây rồi thử lại."),
}
TOO_LARGE = 413
_SOUND_TOO_LARGE = (
    "Trình duyệt này chỉ gửi được tệp đến 40 MB; hãy dùng Chrome hoặc Firefox mới, hoặc gửi riêng tệp MP3."
)
_PLAN_TOO_LARGE = "Tệp kế hoạch nặng hơn 20 MB; hãy quay lại trang trước, gửi bản PDF nhẹ hơn."
FILE_TOO_LARGE = {
    "importing.choose": "Tệp nặng hơn 20 MB; hãy bỏ bớt ảnh trong tệp, hoặc chép riêng phần chữ rồi dán vào.",
    "plans.add": _PLAN_TOO_LARGE,
    "plans.edit": _PLAN_TOO_LARGE,
    "recordings.new": _SOUND_TOO_LARGE,
    "recordings.replace": _SOUND_TOO_LARGE,
}
NAMES = {
    "title": "Tiêu đề",
    "written": "Nội dung",
    "reason": "Lý do",
    "comment": "Ý kiến",
    "spoken": "Cách đọc",
    "pasted": "Văn bản đã dán",
}
"""Fields whose text a person would miss; shown to them when the form could not be taken."""
STATUS = {NotFound: 404, NotPermitted: 403, StoreError: 503}


def install(app: Flask) -> None:
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(BroadcasterError, _ours)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _unforeseen)


def tell(error: Refused, form: object = None) -> None:
    """Show why it was refused: beside the field when it names one of `form`, else on top of the page."""
    field = (
        getattr(form, getattr(error, "field", "") or "_none", None) if isinstance(error, Invalid) else None
    )
    if field is not None and hasattr(field, "errors"):
        field.errors = [*field.errors, str(error)]
    else:
        flash(str(error), "error")


def not_there() -> ResponseReturnValue:
    """Answer as for an address that never was."""
    return _page(404, *PAGES[404])


def _page(status: int, title: str, sentence: str) -> ResponseReturnValue:
    return render_template("errors/error.html", title=title, sentence=sentence, status=status), status


def ask_again(status: int, title: str, sentence: str) -> ResponseReturnValue:
    """A refused press: the sentence, what was typed, and the way to try again or go back."""
    return (
        render_template(
            "errors/again.html",
            title=title,
            sentence=sentence,
            kept=kept_fields(),
            address=request.full_path.rstrip("?"),
            back=came_from(),
            names=NAMES,
        ),
        status,
    )


def _form_too_old(_error: CSRFError) -> ResponseReturnValue:
    title = "Trang mở đã lâu nên cần xác nhận lại"
    return ask_again(400, title, "Chưa có gì thay đổi. Hãy bấm “Làm tiếp” để gửi lại.")


def _ours(error: BroadcasterError) -> ResponseReturnValue:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 409)
    if request.accept_mimetypes.best == "application/json":
        return {"sentence": str(error)}, status
    if request.method == "POST" and status in (409, 503):
        return ask_again(status, "Chưa làm được", str(error))
    title = PAGES[status][0] if status in PAGES else "Chưa làm được"
    return _page(status, title, str(error))


def _of_http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    code = error.code or 500
    if code == TOO_LARGE and request.endpoint in FILE_TOO_LARGE:
        return _page(code, "Tệp quá lớn", FILE_TOO_LARGE[request.endpoint])
    status = code if code in PAGES else 400 if code < 500 else 500
    return _page(status, *PAGES[status])


def _unforeseen(error: Exception) -> ResponseReturnValue:
    # The rule, not the address: that of a one-time link holds its secret.
    logger.exception("%s %s failed", request.method, request.url_rule, exc_info=error)
    try:
        return _page(500, *PAGES[500])
    except Exception:
        logger.exception("the error page itself failed")
        return Response("\n".join(PAGES[500]), 500, mimetype="text/plain")
