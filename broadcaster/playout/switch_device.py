"""One amplifier that is turned on and off: asked in threads of their own, so that nobody waits for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from broadcaster.errors import BroadcasterError
from broadcaster.playout import keys
from broadcaster.playout.switch_calls import Call, CallFailed, perform
from broadcaster.playout.switches import SwitchPlan

logger = logging.getLogger(__name__)

ASK_AGAIN_S = (0.0, 0.5, 1.5)
"""Waits before its state is read back after a call: a relay takes a moment, a transmitter more."""
PATIENCE_S = 18.0
"""A thread that took longer is given up: it hangs where no time-out reaches, e.g. in the name service."""
RETRY_S = (2.0, 5.0, 15.0, 30.0)
CHECK_S = 30.0
"""How often the state is read back while it should be on."""


@dataclass(slots=True)
class _Work:
    """One thread at work; the engine's thread reads `trouble` once `is_done`."""

    target: bool
    began_s: float
    is_done: bool = False
    trouble: str = ""


class Device:
    """Used by the engine's thread only; `turn` starts what must be done and takes in what was done."""

    def __init__(
        self, plan: SwitchPlan, folder: Path, monotonic: Callable[[], float], *, may_be_on: bool = False
    ) -> None:
        """`may_be_on`: an earlier life of the station turned it on and never said that it is off."""
        self.plan = plan
        self._folder = folder
        self._now = monotonic
        self._target = False
        self._known: bool | None = None if may_be_on else False
        self._work: _Work | None = None
        self._left_behind: _Work | None = None
        """What was still under way when the opposite was asked for: it may undo what followed."""
        self._failures = 0
        self._try_at = self._check_at = monotonic()
        self.trouble = ""
        """Why it is not as it should be, a phrase; empty when it is, or nothing is known yet."""

    @property
    def is_settled(self) -> bool:
        """Whether it is known to be as it should be."""
        return self._known is self._target and self._work is None

    @property
    def is_known_off(self) -> bool:
        return self._known is False and self._work is None

    def set(self, target: bool) -> None:
        """Ask for on or off; the opposite of what is under way does not wait for it."""
        if target is self._target:
            return
        self._target, self._failures, self._try_at, self.trouble = target, 0, self._now(), ""
        if self._work is not None:
            self._left_behind, self._work = self._work, None
            self._known = None

    def turn(self) -> None:
        if self._work is not None:
            self._take_in(self._work)
        elif self._known is not self._target or self._must_ask_again():
            if self._now() >= self._try_at:
                self._begin(self.plan.on if self._target else self.plan.off)
        elif self._target and self.plan.state is not None and self._now() >= self._check_at:
            self._begin(None)

    def _must_ask_again(self) -> bool:
        """Return whether a call that was overtaken has ended since: its effect may have come last."""
        if self._left_behind is None or not self._is_over(self._left_behind):
            return False
        self._left_behind = None
        return True

    def _is_over(self, work: _Work) -> bool:
        return work.is_done or self._now() - work.began_s > PATIENCE_S

    def _begin(self, call: Call | None) -> None:
        self._work = _Work(self._target, self._now())
        threading.Thread(
            target=self._do, args=(self._work, call), name=f"switch {self.plan.switch_id}", daemon=True
        ).start()

    def _take_in(self, work: _Work) -> None:
        if not self._is_over(work):
            return
        trouble = work.trouble if work.is_done else "thiết bị không trả lời"
        self._work, self._check_at = None, self._now() + CHECK_S
        if not trouble:
            self._known, self._failures, self.trouble = work.target, 0, ""
            return
        logger.error("switch %s could not be turned %s", self.plan.switch_id, "on" if work.target else "off")
        self._try_at = self._now() + RETRY_S[min(self._failures, len(RETRY_S) - 1)]
        self._known, self._failures, self.trouble = None, self._failures + 1, trouble

    # --- in a thread of its own ---

    def _do(self, work: _Work, call: Call | None) -> None:
        try:
            secret = keys.key(self._folder, self.plan.key_name)
            if call is not None:
                perform(call, self._folder, secret)
            self._read_back(work.target, secret)
        except (CallFailed, BroadcasterError) as error:
            work.trouble = str(error).rstrip(".")
        except Exception:
            # A thread of ours must end neither the station nor silently.
            logger.exception("switch %s", self.plan.switch_id)
            work.trouble = "gặp lỗi bất ngờ, xem nhật ký kỹ thuật"
        finally:
            work.is_done = True

    def _read_back(self, target: bool, secret: str) -> None:
        if self.plan.state is None:
            return
        for pause_s in ASK_AGAIN_S:
            time.sleep(pause_s)
            if (self.plan.expects in perform(self.plan.state, self._folder, secret)) is target:
                return
        raise CallFailed("thiết bị báo đang tắt" if target else "thiết bị báo vẫn đang bật")
