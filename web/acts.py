"""The audit trail in words: each act as a person would say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from broadcaster.store.models import Audit
from web import words

ACTS = {
    "signed_in": "đăng nhập",
    "signed_out": "đăng xuất",
    "sign_in_failed": "đăng nhập không được",
    "password_confirmed": "xác nhận lại mật khẩu",
    "password_changed": "đổi mật khẩu",
    "password_set": "đặt mật khẩu bằng liên kết",
    "link_made": "tạo liên kết đặt mật khẩu",
    "first_account_made": "tạo tài khoản đầu tiên",
    "person_added": "thêm người dùng",
    "person_renamed": "đổi tên người dùng",
    "roles_set": "đổi vai trò",
    "person_deactivated": "khóa tài khoản",
    "person_reactivated": "mở lại tài khoản",
    "configured": "đổi cài đặt của đài",
    "station.restored": "khôi phục trạm từ bản sao lưu",
    "restoration.acknowledged": "xác nhận khoảng trống sau khi khôi phục",
    "retention.configured": "đổi thời hạn giữ",
    "retention.removed": "xóa những gì hết hạn giữ",
    "backups.configured": "đổi cách sao lưu",
    "backup.downloaded": "tải bản sao lưu về",
    "nightly.asked": "cho làm ngay một việc hằng đêm",
    "output.saved": "lưu đường ra",
    "output.tested": "phát chuông thử",
    "zone.saved": "lưu cụm loa",
    "zone.closed": "ngừng dùng cụm loa",
    "key_made": "có khóa ký mới",
    "key_confirmed": "xác nhận khóa ký của người duyệt",
    "key_ended": "khóa ký hết dùng",
    "key_not_opened": "khóa ký không mở được bằng mật khẩu",
    "bulletin_write": "soạn bản tin",
    "bulletin_edit": "sửa bản tin",
    "bulletin_submit": "gửi duyệt",
    "bulletin_recall": "thu hồi bản tin",
    "bulletin_approve": "duyệt bản tin",
    "bulletin_send_back": "trả lại bản tin",
    "bulletin_withdraw": "rút bản tin",
    "bulletin_expire": "cho bản tin hết hạn",
    "recording.asked": "gửi hoặc cắt âm thanh",
    "reading_decided": "chọn cách đọc",
    "reading_retired": "bỏ một cách đọc",
    "lexicon_imported": "nhập từ điển đọc",
    "programme.added": "thêm chương trình",
    "programme.changed": "sửa chương trình",
    "programme.ended": "kết thúc chương trình",
    "request.at": "xếp lịch phát vào một giờ",
    "request.next": "cho phát ngay",
    "request.programme": "đưa vào chương trình",
    "request.queue": "đưa vào chương trình gần nhất còn chỗ",
    "request.daily": "xếp lịch phát nhiều lần trong ngày",
    "request.series": "cho phát lặp",
    "request.renewed": "gia hạn phát lặp",
    "request.ended": "thôi phát",
    "airing.taken_back": "lấy lại lượt vừa cho phát ngay",
    "airing.restored": "hoàn tác dời hoặc bỏ một lượt phát",
    "calendar.renewed": "tạo hoặc đổi địa chỉ lịch điện tử",
    "calendar.closed": "đóng lịch điện tử",
    "airing.removed": "bỏ một lượt phát",
    "airing.moved": "dời một lượt phát",
    "airing.reordered": "đổi thứ tự phát",
    "airing.cut": "dừng lượt đang phát",
    "airing.stop_programme": "dừng chương trình",
    "alert.raised": "phát lệnh khẩn cấp",
    "alert.drill": "bắt đầu diễn tập",
    "alert.prolonged": "gia hạn lệnh khẩn cấp",
    "alert.stood_down": "dừng lệnh khẩn cấp",
    "alert.expired": "lệnh khẩn cấp hết giờ",
    "alert.stop_all": "dừng lệnh khẩn cấp vì dừng tất cả",
    "alert.real_alert": "dừng diễn tập vì có lệnh thật",
    "cap.received": "nhận cảnh báo từ ngoài",
    "cap.raised": "phát cảnh báo từ ngoài",
    "cap.dismissed": "bỏ qua cảnh báo từ ngoài",
    "cap.cancelled": "nguồn hủy cảnh báo",
    "cap.replaced": "nguồn thay cảnh báo",
    "cap.expired": "cảnh báo từ ngoài hết hạn",
    "cap.source_saved": "lưu nguồn cảnh báo",
    "cap.source_closed": "bỏ nguồn cảnh báo",
    "order.saved": "lưu lệnh soạn sẵn",
    "order.closed": "bỏ lệnh soạn sẵn",
    "hold.placed": "dừng tất cả",
    "hold.lifted": "cho phát lại",
    "live.asked": "xin phát trực tiếp",
    "live.started": "lên sóng trực tiếp",
    "live.stopped": "kết thúc phát trực tiếp",
    "station.died": "bộ phát dừng đột ngột",
    "plan.written": "soạn kế hoạch",
    "plan.edited": "sửa kế hoạch",
    "plan.quota_changed": "đổi chỉ tiêu kế hoạch",
    "plan.put_in_force": "cho kế hoạch thực hiện",
    "plan.closed": "đóng kế hoạch",
    "plan.reopened": "mở lại kế hoạch",
    "plan.discarded": "bỏ bản nháp kế hoạch",
    "aircheck.removed": "xóa bản lưu phát sóng quá hạn",
    "aircheck.held": "giữ lại bản lưu phát sóng",
    "aircheck.released": "thôi giữ lại bản lưu phát sóng",
    "complaint.taken": "nhận xem phản ánh",
    "complaint.answered": "trả lời phản ánh",
    "complaint.composed": "soạn bản tin trả lời phản ánh",
    "complaint.forgotten": "xóa tên và số điện thoại trong phản ánh",
    "seal.made": "niêm phong các sổ",
    "history.corrected": "ghi dòng đính chính",
}
SUBJECTS = {
    "seal": "dấu niêm phong",
    "history": "dòng nhật ký",
    "bulletin": "bản tin",
    "programme": "chương trình",
    "plan": "kế hoạch",
    "person": "người dùng",
    "output": "đường ra",
    "zone": "cụm loa",
    "lexicon": "từ điển đọc",
    "alert": "lệnh khẩn cấp",
    "order": "lệnh soạn sẵn",
    "warning": "cảnh báo từ ngoài",
    "source": "nguồn cảnh báo",
    "complaint": "phản ánh",
}
NAMES = {
    "reason": "lý do",
    "plan_number": "số kế hoạch",
    "about": "về việc",
    "topics": "nội dung",
    "topic": "nội dung",
    "quota": "chỉ tiêu",
    "from": "từ ngày",
    "comment": "ý kiến",
    "name": "tên",
    "login": "tên đăng nhập",
    "title": "tiêu đề",
    "before": "trước",
    "after": "sau",
    "roles": "vai trò",
    "programme": "chương trình",
    "at": "lúc",
    "first_date": "từ ngày",
    "last_date": "đến ngày",
    "days": "ngày",
    "starts_at": "bắt đầu",
    "address": "từ máy",
    "written": "chữ viết",
    "spoken": "đọc là",
    "file": "tệp",
    "number": "phiên bản",
    "version": "phiên bản",
    "last_sign": "lần cuối còn chạy",
    "added": "thêm",
    "changed": "sửa",
    "removed": "bỏ",
    "zones": "cụm loa",
    "until": "đến",
    "obeyed": "tự phát",
    "files": "số tệp",
    "copied_at": "bản sao lưu lúc",
    "missed": "số lượt không rõ đã phát hay chưa",
    "note": "ghi chú",
    "count": "số mục",
    "oldest": "cũ nhất",
    "newest": "mới nhất",
    "second": "nơi cất thứ hai",
    "fingerprint": "mã khóa",
    "public": "cho mọi người xem",
}
"""Details worth a reader's time; what is not named here stays in the row but off the page."""


@dataclass(frozen=True, slots=True)
class Told:
    act: str
    subject: str
    detail: str


def told(row: Audit) -> Told:
    """Return the row in Vietnamese words."""
    kind, _, number = row.subject.partition(" ")
    subject = (
        f"{SUBJECTS[kind]} {number}".strip() if kind in SUBJECTS and (number or kind == "lexicon") else ""
    )
    details = (
        f"{NAMES[key]}: {_value(key, value)}"
        for key, value in row.detail.items()
        if key in NAMES and value not in ("", None)
    )
    return Told(ACTS.get(row.act, "thao tác khác"), subject, "; ".join(part for part in details))


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, list):
        return words.days_text(value) if key == "days" else ", ".join(_role(part) for part in value)
    return _moment(value) if isinstance(value, str) else str(value)


def _role(name: object) -> str:
    known = {role.value: told[0] for role, told in words.ROLES.items()}
    return known.get(str(name), str(name))


def _moment(text: str) -> str:
    """Say a moment or a date in the station's way; anything else as it stands."""
    try:
        if "T" in text and (moment := datetime.fromisoformat(text)).tzinfo is not None:
            return words.moment_text(moment)
        return words.day_text(date.fromisoformat(text))
    except ValueError:
        return text
