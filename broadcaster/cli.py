"""The command line: each verb parses, calls one function and prints. Heavy rooms are imported late."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from broadcaster.errors import BroadcasterError, Invalid, NotFound
from broadcaster.usage import DAY, Verbs, file_sentence

if TYPE_CHECKING:
    from broadcaster.store import Store

DEFAULT_FOLDER = Path.home() / "ward-station"
UNDECIDED = 3
"""Exit status of `check` when a person has to decide something."""
Call = TypeVar("Call", bound=Callable[..., Any])


class _Verbs(Verbs):
    """Turns our errors, and files that cannot be used, into one sentence on stderr and exit status 1."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except BroadcasterError as error:
            click.echo(str(error), err=True)
            context.exit(1)
        except BrokenPipeError:
            context.exit(0)
        except OSError as error:
            click.echo(file_sentence(error), err=True)
            context.exit(1)


def _keep_folder(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    root = context.find_root()
    root.ensure_object(dict)
    if value is not None:
        root.obj["folder"] = value


def with_data(call: Call) -> Call:
    """Let `--data` stand before or after the verb."""
    option = click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="BROADCASTER_DATA",
        expose_value=False,
        callback=_keep_folder,
        help=f"Thư mục dữ liệu của trạm (mặc định {DEFAULT_FOLDER}).",
    )
    return option(call)


def _folder() -> Path:
    kept: dict[str, Path] = click.get_current_context().find_root().obj or {}
    return kept.get("folder", DEFAULT_FOLDER)


@contextmanager
def _store() -> Iterator[Store]:
    """Open the store of the station in the data folder; NotFound when there is none."""
    from broadcaster import settings
    from broadcaster.store import Store
    from broadcaster.store.migrate import migrate

    folder = _folder()
    known = settings.load(folder)
    if not known.database_url and not (folder / "station.db").exists():
        raise NotFound(f"Thư mục {folder} chưa có trạm nào; hãy chạy: broadcaster --data {folder} run")
    store = Store(folder, known.database_url)
    try:
        migrate(store)
        yield store
    finally:
        store.close()


def _now() -> datetime:
    from schedules.clock import clock_from_environment

    return clock_from_environment().now()


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@with_data
def main() -> None:
    """Trạm truyền thanh phường: soạn, duyệt, phát và lưu nhật ký bản tin trên loa."""


def verb(name: str = "") -> Callable[[Callable[..., Any]], click.Command]:
    """Register a verb that takes `--data` too."""

    def register(call: Callable[..., Any]) -> click.Command:
        @functools.wraps(call)
        def run(*args: Any, **kwargs: Any) -> Any:
            return call(*args, **kwargs)

        return main.command(name or call.__name__)(with_data(run))

    return register


# --- the station ---


@click.option("--host", help="Địa chỉ nghe không mã hóa (mặc định 127.0.0.1: chỉ máy này).")
@click.option("--port", type=click.IntRange(1, 65535), help="Cổng của trang (mặc định 8080).")
@click.option("--lan", is_flag=True, help="Mở trang cho máy khác và điện thoại trong mạng, bằng HTTPS.")
def run(host: str | None, port: int | None, lan: bool) -> None:
    """Chạy cả trạm: phát, đọc và trang web. Dừng bằng Ctrl+C."""
    from broadcaster import running

    running.run(_folder(), host, port, functools.partial(click.echo, err=False), lan=lan or None)
    sys.stdout.flush()


verb()(run)


@verb()
def demo() -> None:
    """Làm thử trong thư mục tạm: hai người, một bản tin, duyệt, phát, xem dòng nhật ký."""
    from broadcaster import demo as demonstration

    if not demonstration.demonstrate(click.echo):
        sys.exit(1)


# --- text and speech ---


@verb()
@click.argument("file", type=click.File("rb"), default="-")
def spoken(file: BinaryIO) -> None:
    """In lời đọc của từng dòng, mỗi dòng vào một dòng ra."""
    from broadcaster.text import spoken_line

    out = sys.stdout.buffer
    for line in file:
        out.write(spoken_line(_text(line).rstrip("\r\n")).encode() + b"\n")
    out.flush()


@verb()
@click.argument("file", type=click.File("rb"))
def check(file: BinaryIO) -> None:
    """In JSON từng chỗ được đọc khác cách viết; mã 3 khi còn chỗ người phải quyết định."""
    from broadcaster.text import check as checked
    from broadcaster.text import to_spoken

    text = _text(file.read())
    click.echo(json.dumps(checked(text), ensure_ascii=False, indent=1))
    if to_spoken(text).undecided:
        sys.exit(UNDECIDED)


@verb()
@click.argument("file", type=click.File("rb"))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Ghi ra tệp WAV thay vì ra loa.")
@click.option("--voice", default="", help="Mã giọng, ví dụ vi hoặc vi-vn-x-south.")
@click.option("--raw", is_flag=True, help="Không chuyển chữ viết thành lời đọc trước khi đọc.")
def say(file: BinaryIO, out: Path | None, voice: str, raw: bool) -> None:
    """Đọc một văn bản ra loa, hoặc ra tệp WAV."""
    from broadcaster import saying

    text = _text(file.read())
    if not text.strip():
        raise Invalid("Văn bản trống; không có gì để đọc.")
    click.echo(saying.say(_folder(), text, voice=voice, out=out, raw=raw), err=True)


@verb()
@click.option("--licence", metavar="GIỌNG", help="In trọn giấy phép của một giọng Piper.")
@click.option(
    "--add",
    "source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Kiểm tra rồi chép các giọng Piper trong một thư mục vào trạm.",
)
@click.option("--json", "as_json", is_flag=True)
def voices(licence: str | None, source: Path | None, as_json: bool) -> None:
    """Liệt kê bộ đọc và giọng, nói rõ cái nào chưa dùng được; mã 1 khi có giọng hỏng."""
    from broadcaster import voices as choir

    if licence is not None:
        click.echo(choir.licence(_folder(), licence))
        return
    if source is not None:
        click.echo(f"Đã thêm: {', '.join(choir.add(_folder(), source))}.", err=True)
    found = choir.look(_folder())
    click.echo(choir.as_json(found) if as_json else choir.as_text(found))
    if not found.is_well:
        sys.exit(1)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("Văn bản không phải UTF-8; hãy lưu lại tệp với mã UTF-8.") from error


# --- what will sound and what was heard ---


@verb()
@click.option("--date", "day", type=DAY, help="Ngày đầu (mặc định hôm nay).")
@click.option("--days", type=click.IntRange(1, 62), default=1, help="Số ngày.")
@click.option("--json", "as_json", is_flag=True)
def rundown(day: datetime | None, days: int, as_json: bool) -> None:
    """In lịch phát: cái gì sẽ ra loa, lúc nào."""
    from broadcaster import listing
    from schedules.clock import LOCAL

    now = _now()
    first = day.date() if day else now.astimezone(LOCAL).date()
    with _store() as store, store.read() as session:
        dates = [first + timedelta(days=number) for number in range(days)]
        click.echo(listing.rundown(session, dates, now, as_json=as_json))


@verb()
@click.option("--from", "first", type=DAY, help="Từ ngày.")
@click.option("--to", "last", type=DAY, help="Đến hết ngày.")
@click.option("--format", "form", type=click.Choice(["json", "csv", "xlsx", "docx"]), default="csv")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Ghi ra tệp.")
def history(first: datetime | None, last: datetime | None, form: str, out: Path | None) -> None:
    """Xuất nhật ký phát thanh: những gì đã ra loa, bị cắt, bị lỡ."""
    from broadcaster import listing
    from broadcaster.records import streaming

    if out is None and form in ("xlsx", "docx"):
        raise Invalid(f"Dạng {form} cần ghi ra tệp; hãy thêm --out TỆP.{form}")
    streaming.look_for_rubbish_less()
    with _store() as store, store.read() as session, _taking(out) as target:
        listing.history(session, _date(first), _date(last), form, target)


@contextmanager
def _taking(out: Path | None) -> Iterator[BinaryIO]:
    """Take bytes for the screen or for `out`, which stays as it was when they do not come to their end."""
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = out.with_name(f"{out.name}.dang-ghi")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(out)
    except OSError as error:
        error.filename = str(out)  # what the person named
        raise
    finally:
        unfinished.unlink(missing_ok=True)


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


# --- keeping ---


@verb()
@click.option("--from", "first", type=DAY, required=True, help="Từ ngày.")
@click.option("--to", "last", type=DAY, required=True, help="Đến hết ngày.")
@click.option("--format", "form", type=click.Choice(["docx", "xlsx", "pdf", "csv", "json"]), default="json")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Tệp ghi ra (mặc định: màn hình)."
)
def report(first: datetime, last: datetime, form: str, out: Path | None) -> None:
    """Lập báo cáo của một kỳ từ nhật ký phát thanh."""
    from broadcaster.records import streaming
    from broadcaster.records.reports import counting, files, period

    if out is None and form not in ("json", "csv"):
        raise Invalid(f"Dạng {form} cần ghi ra tệp; hãy thêm --out TỆP.{form}")
    streaming.look_for_rubbish_less()
    with _store() as store, store.read() as session:
        made = counting.make(session, period.between(first.date(), last.date()), _now())
        with _taking(out) as target:
            files.write(made, form, target, session)


@verb()
@click.option(
    "--seal",
    "kept",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Đối chiếu với một dấu niêm phong cất ở nơi khác: tệp, hoặc thư có số và mã.",
)
def verify(kept: Path | None) -> None:
    """Kiểm tra toàn vẹn nhật ký phát thanh, nhật ký thao tác, bản lưu và dấu niêm phong."""
    from broadcaster import verifying

    with _store() as store, store.read() as session:
        seen = verifying.verify(session, store.folder, _text(kept.read_bytes()) if kept else None)
    for sentence in seen.wrong:
        click.echo(sentence, err=True)
    for sentence in seen.notes:
        click.echo(sentence)
    if seen.wrong:
        sys.exit(1)
    for sentence in seen.good:
        click.echo(sentence)


@verb()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Khám trạm: cái gì không ổn và phải làm gì."""
    from broadcaster import doctor as surgery

    findings = surgery.examine(_folder())
    click.echo(surgery.as_json(findings) if as_json else surgery.as_text(findings))
    if any(not finding.is_well for finding in findings):
        sys.exit(1)


@verb()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def backup(folder: Path) -> None:
    """Sao lưu cả trạm vào một tệp trong thư mục FOLDER; trạm vẫn chạy."""
    from broadcaster import backups

    with _store() as store:
        click.echo(backups.backup(store, folder, _now()))


@verb()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
def restore(file: Path) -> None:
    """Khôi phục trạm từ tệp sao lưu, hoặc thư mục của một bản sao lưu đêm, vào thư mục dữ liệu còn trống."""
    from broadcaster import backups
    from broadcaster.records import restorations

    restoration = backups.restore(file, _folder(), _now())
    click.echo(f"Đã khôi phục vào {_folder()}.")
    if restoration is None:
        click.echo(backups.POSTGRES_NEXT)
        return
    click.echo(restorations.sentence(restoration))
    click.echo("Trạm giữ im lặng cho đến khi người quản trị xác nhận ở trang “Lưu giữ, sao lưu”.")


# --- people ---


@main.group(cls=Verbs)
@with_data
def user() -> None:
    """Người dùng: thêm, đặt lại mật khẩu, liệt kê."""


@user.command("add")
@with_data
@click.argument("login")
@click.option("--name", required=True, help="Họ tên.")
@click.option(
    "--role", "roles", multiple=True, required=True, help="officer, approver, operator, viewer, admin."
)
def user_add(login: str, name: str, roles: tuple[str, ...]) -> None:
    """Thêm người và in liên kết để người đó tự đặt mật khẩu."""
    from broadcaster.accounts import links, people
    from broadcaster.accounts.permissions import CONSOLE, Role

    if unknown := set(roles) - set(Role):
        raise Invalid(f"Không có vai trò “{unknown.pop()}”; dùng: {', '.join(Role)}.")
    now = _now()
    with _store() as store, store.write() as session:
        person = people.add(session, CONSOLE, login, name, [Role(role) for role in roles], now)
        secret = links.invite(session, CONSOLE, person.id, now)
    click.echo(f"/dat-mat-khau/{secret}")


@user.command("passwd")
@with_data
@click.argument("login")
def user_passwd(login: str) -> None:
    """In liên kết để người này đặt mật khẩu mới (một lần, trong 24 giờ)."""
    from broadcaster.accounts import links, people
    from broadcaster.accounts.permissions import CONSOLE

    with _store() as store, store.write() as session:
        person = people.by_login(session, login)
        if person is None:
            raise NotFound(f"Không có tài khoản “{login}”; xem danh sách bằng: broadcaster user list")
        secret = links.invite(session, CONSOLE, person.id, _now())
    click.echo(f"/dat-mat-khau/{secret}")


@user.command("list")
@with_data
def user_list() -> None:
    """Liệt kê tài khoản và vai trò."""
    from broadcaster.accounts import people
    from broadcaster.accounts.permissions import ROLE_NAMES, Role

    with _store() as store, store.read() as session:
        for person in people.everyone(session):
            roles = ", ".join(ROLE_NAMES[Role(role)] for role in person.roles)
            state = "" if person.is_active else " (đã khóa)"
            click.echo(f"{person.login}\t{person.name}\t{roles}{state}")
