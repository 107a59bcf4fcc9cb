"""What the command line answers to a wrong word: one Vietnamese sentence, no Python and no English."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

DAY = click.DateTime(["%d/%m/%Y", "%Y-%m-%d"])
"""A day as the pages write it, or as files are named."""

_REASONS = {
    errno.ENOENT: "không có thư mục hoặc tệp đó",
    errno.ENOTDIR: "đường dẫn đi qua một tệp",
    errno.EISDIR: "đó là một thư mục",
    errno.EACCES: "không có quyền",
    errno.EPERM: "không có quyền",
    errno.EROFS: "ổ đĩa chỉ cho đọc",
    errno.ENOSPC: "ổ đĩa đầy",
}


class WrongUsage(click.ClickException):
    """One sentence, shown as it stands."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=file is None)


class Verbs(click.Group):
    """A group of verbs that refuses a wrong word in one sentence, with status 2."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _in_our_words():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _in_our_words():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.UsageError(f"Không có lệnh “{args[0]}”", ctx)
        return super().resolve_command(ctx, args)


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        raise WrongUsage(sentence(error)) from error


def sentence(error: click.UsageError) -> str:
    """Return what was wrong with the words of a command, and where to read how it goes."""
    command = error.ctx.command_path if error.ctx is not None else "broadcaster"
    return f"{_what(error)}; cách dùng: {command} -h"


def file_sentence(error: OSError) -> str:
    """Return why a file could not be read or written."""
    reason = _REASONS.get(error.errno or 0, str(error.strerror or error))
    return f"Không dùng được {error.filename or 'tệp'}: {reason}."


def _what(error: click.UsageError) -> str:
    if isinstance(error, click.MissingParameter):
        return f"Thiếu {_name(error)}"
    if isinstance(error, click.NoSuchOption):
        return f"Không có tùy chọn {error.option_name}"
    if isinstance(error, click.BadOptionUsage):
        return f"Thiếu giá trị sau {error.option_name}"
    if isinstance(error, click.BadParameter):
        return f"{_name(error)} không dùng được: {_wanted(error)}"
    if extra := re.match(r"Got unexpected extra arguments? \((.*)\)", error.message):
        return f"Thừa “{extra[1]}”"
    return error.message


def _name(error: click.BadParameter) -> str:
    param = error.param
    if param is None:
        return "Tham số"
    return param.opts[0] if isinstance(param, click.Option) else (param.name or "").upper()


def _wanted(error: click.BadParameter) -> str:
    kind = error.param.type if error.param is not None else None
    return next((say(kind) for known, say in _KINDS.items() if isinstance(kind, known)), error.message)


_KINDS: dict[type, Callable[[Any], str]] = {
    click.Choice: lambda kind: f"cần một trong {', '.join(kind.choices)}",
    click.IntRange: lambda kind: f"cần một số từ {kind.min} đến {kind.max}",
    click.DateTime: lambda _: "cần một ngày có thật, ví dụ 24/11/2026",
    click.File: lambda _: "không mở được tệp này",
    click.Path: lambda kind: "cần một tệp có thật" if kind.exists else f"cần một {_place(kind)}",
}


def _place(kind: click.Path) -> str:
    return "tệp" if kind.file_okay else "thư mục"
