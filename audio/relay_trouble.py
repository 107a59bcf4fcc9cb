"""What can be wrong with another station's stream, and how it is said to people."""

from __future__ import annotations

from enum import StrEnum


class Trouble(StrEnum):
    BAD_ADDRESS = "bad_address"
    NO_NAME = "no_name"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    CERTIFICATE = "certificate"
    NOT_FOUND = "not_found"
    DENIED = "denied"
    SERVER = "server"
    REDIRECTS = "redirects"
    NOT_AUDIO = "not_audio"
    NOT_LIVE = "not_live"
    TOO_FAST = "too_fast"
    STUCK = "stuck"
    UNSUPPORTED = "unsupported"
    STALLED = "stalled"
    ENDED = "ended"
    SILENT = "silent"
    CRASHED = "crashed"


CLAUSES: dict[str, str] = {
    Trouble.BAD_ADDRESS: "địa chỉ nguồn không dùng được",
    Trouble.NO_NAME: "không tìm thấy tên máy chủ",
    Trouble.UNREACHABLE: "không kết nối được máy chủ",
    Trouble.NO_ANSWER: "máy chủ không trả lời",
    Trouble.CERTIFICATE: "chứng thư của máy chủ không hợp lệ",
    Trouble.NOT_FOUND: "máy chủ báo không có luồng này",
    Trouble.DENIED: "máy chủ không cho nghe luồng này",
    Trouble.SERVER: "máy chủ báo lỗi",
    Trouble.REDIRECTS: "máy chủ chuyển hướng quá nhiều lần",
    Trouble.NOT_AUDIO: "địa chỉ không trả về âm thanh",
    Trouble.NOT_LIVE: "địa chỉ là tệp hoặc buổi phát đã kết thúc",
    Trouble.TOO_FAST: "nguồn gửi nhanh hơn thời gian thật",
    Trouble.STUCK: "danh sách phát không có đoạn mới",
    Trouble.UNSUPPORTED: "luồng bị khóa mã hoặc chia đoạn theo kiểu lạ",
    Trouble.STALLED: "nguồn ngừng gửi âm thanh",
    Trouble.ENDED: "nguồn ngắt kết nối",
    Trouble.SILENT: "nguồn im tiếng",
    Trouble.CRASHED: "bộ nhận luồng phải mở lại",
}
"""As part of a longer sentence."""

SENTENCES: dict[str, str] = {
    Trouble.NO_NAME: "Không tìm thấy tên máy chủ trong địa chỉ này; hãy kiểm tra chữ gõ và mạng của trạm.",
    Trouble.UNREACHABLE: "Không kết nối được máy chủ; hãy kiểm tra địa chỉ, cổng và đường mạng.",
    Trouble.NO_ANSWER: "Máy chủ không trả lời trong 3 giây; hãy thử lại, hoặc hỏi đơn vị có luồng.",
    Trouble.CERTIFICATE: (
        "Chứng thư bảo mật của máy chủ không hợp lệ hoặc đã hết hạn nên trạm không nghe; "
        "hãy hỏi đơn vị có luồng, hoặc dùng địa chỉ http nếu họ có."
    ),
    Trouble.NOT_FOUND: (
        "Máy chủ trả lời nhưng không có luồng này; có thể sai đường dẫn, hoặc đài kia chưa phát. "
        "Hãy kiểm tra địa chỉ hoặc thử lại khi đài đang phát."
    ),
    Trouble.DENIED: "Máy chủ không cho nghe luồng này; hãy hỏi đơn vị có luồng về quyền nghe.",
    Trouble.SERVER: "Máy chủ của luồng đang báo lỗi; hãy thử lại sau ít phút.",
    Trouble.REDIRECTS: "Địa chỉ này chuyển hướng quá nhiều lần; hãy hỏi đơn vị có luồng địa chỉ trực tiếp.",
    Trouble.NOT_AUDIO: (
        "Địa chỉ này không trả về âm thanh, có lẽ là một trang web; "
        "hãy tìm địa chỉ của chính luồng âm thanh, thường có ở nút nghe trực tuyến."
    ),
    Trouble.NOT_LIVE: (
        "Địa chỉ này là một tệp âm thanh hoặc buổi phát đã kết thúc, không phải luồng trực tiếp; "
        "nếu muốn phát tệp, hãy tải về rồi đưa vào Bản thu."
    ),
    Trouble.TOO_FAST: (
        "Nguồn gửi nhanh hơn thời gian thật nên không phải luồng trực tiếp; hãy hỏi lại địa chỉ luồng."
    ),
    Trouble.STUCK: (
        "Danh sách phát của luồng không có đoạn mới; đài kia có thể đã ngừng phát. "
        "Hãy thử lại khi đài đang phát."
    ),
    Trouble.UNSUPPORTED: (
        "Luồng này bị khóa mã hoặc chia đoạn theo kiểu trạm chưa đọc được; "
        "hãy hỏi đơn vị có luồng một địa chỉ MP3 hoặc AAC."
    ),
    Trouble.STALLED: "Nguồn nhận kết nối rồi ngừng gửi âm thanh; hãy thử lại khi đài đang phát.",
    Trouble.ENDED: "Nguồn ngắt kết nối ngay khi đang nghe; hãy thử lại khi đài đang phát.",
    Trouble.SILENT: (
        "Kết nối được nhưng nguồn không có tiếng; hãy thử lại khi đài đang phát, hoặc hỏi đơn vị có luồng."
    ),
    Trouble.CRASHED: "Bộ nhận luồng gặp trục trặc; hãy thử lại, nếu vẫn vậy hãy báo người quản trị.",
}
"""For who tries an address: what happened and what to do next."""


class RelayError(Exception):
    """The stream cannot be opened, or has broken off."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(CLAUSES[trouble])
        self.trouble = trouble
