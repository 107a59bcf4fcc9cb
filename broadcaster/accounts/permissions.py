"""Who may do what: one table, asked by the page and by the command line alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from broadcaster.errors import NotPermitted


class Role(StrEnum):
    OFFICER = "officer"
    APPROVER = "approver"
    OPERATOR = "operator"
    VIEWER = "viewer"
    ADMIN = "admin"


class Permission(StrEnum):
    READ = "read"
    WRITE = "write"
    APPROVE = "approve"
    REQUEST = "request"
    OPERATE = "operate"
    STOP_ALL = "stop_all"
    ALERT = "alert"
    LIVE = "live"
    MANAGE_PEOPLE = "manage_people"
    CONFIGURE = "configure"
    VERIFY = "verify"
    CORRECT = "correct"


_P = Permission
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({_P.READ}),
    Role.OFFICER: frozenset({_P.READ, _P.WRITE, _P.REQUEST}),
    Role.APPROVER: frozenset({_P.READ, _P.APPROVE, _P.STOP_ALL, _P.ALERT, _P.VERIFY, _P.CORRECT}),
    Role.OPERATOR: frozenset({_P.READ, _P.REQUEST, _P.OPERATE, _P.STOP_ALL, _P.ALERT, _P.LIVE}),
    Role.ADMIN: frozenset({_P.READ, _P.STOP_ALL, _P.LIVE, _P.MANAGE_PEOPLE, _P.CONFIGURE, _P.VERIFY}),
}

ROLE_NAMES: dict[Role, str] = {
    Role.OFFICER: "Soạn tin",
    Role.APPROVER: "Duyệt",
    Role.OPERATOR: "Vận hành",
    Role.VIEWER: "Xem",
    Role.ADMIN: "Quản trị",
}

PERMISSION_NAMES: dict[Permission, str] = {
    Permission.READ: "xem trang của đài",
    Permission.WRITE: "soạn và sửa bản tin",
    Permission.APPROVE: "duyệt bản tin",
    Permission.REQUEST: "đưa bản tin vào lịch phát",
    Permission.OPERATE: "xếp lịch và điều khiển phát",
    Permission.STOP_ALL: "dừng tất cả",
    Permission.ALERT: "phát lệnh khẩn cấp",
    Permission.LIVE: "phát trực tiếp bằng micrô",
    Permission.MANAGE_PEOPLE: "quản lý người dùng",
    Permission.CONFIGURE: "đổi cài đặt của đài",
    Permission.VERIFY: "kiểm tra toàn vẹn nhật ký",
    Permission.CORRECT: "đính chính nhật ký phát thanh",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at the moment of acting. `id` 0 is whoever sits at the station's own command line."""

    id: int
    name: str
    roles: frozenset[Role]

    @property
    def permissions(self) -> frozenset[Permission]:
        return frozenset().union(*(PERMISSIONS[role] for role in self.roles))

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


CONSOLE = Actor(0, "Dòng lệnh tại máy của đài", frozenset({Role.ADMIN}))
"""Who can run commands in the data folder can read and replace every file in it: an administrator."""


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotPermitted unless one of the actor's roles grants `permission`."""
    if not actor.may(permission):
        roles = [ROLE_NAMES[role] for role in Role if permission in PERMISSIONS[role]]
        raise NotPermitted(
            f"Bạn không có quyền {PERMISSION_NAMES[permission]}; "
            f"hãy nhờ người quản trị cấp vai trò {' hoặc '.join(roles)}."
        )
