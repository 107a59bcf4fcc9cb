"""The duty that has amplifiers and transmitters on while something sounds through them.

Ahead of what is planned, held between items, off after it; on at once for an emergency, whose tone does not
wait. One that cannot be turned on is a fault on every page and in the history of what sounds: the sound goes
on, somebody may have turned it on by hand.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from audio.player_words import Word
from broadcaster.errors import Invalid, StoreError
from broadcaster.playout import slots, switches, zones
from broadcaster.playout.air import Air
from broadcaster.playout.running_order import standing_hold
from broadcaster.playout.sounding import Sounding
from broadcaster.playout.switch_device import Device
from broadcaster.playout.switches import SwitchPlan
from broadcaster.store import Store
from broadcaster.store.models import Command, Switch
from schedules.amplifier import Power, Use, wanted
from schedules.clock import Clock
from schedules.rundown import build

logger = logging.getLogger(__name__)

LOOK_S = 2.0
AHEAD_S = 2 * LOOK_S
"""Planned sound is known so much sooner than it turns anything on."""
MARGIN_S = 0.5
"""On so much sooner than the lead-in asks: what is planned must not start late for it."""
CLOSE_S = 2.0
"""At its own end the station waits so long for devices to be turned off."""


@dataclass(slots=True)
class _Amplifier:
    device: Device
    on_since: float | None = None
    """Monotonic; it stays while the safety limit holds it off."""
    turned_on_at: float | None = None
    last_end: float | None = None
    """When it was last used."""
    noted: set[str] = field(default_factory=set)
    """Airings whose history knows that it could not be turned on."""


class Switching:
    """One device for each switch in use; everything slow happens in the devices' threads."""

    kinds: frozenset[str] = frozenset()

    def __init__(self, store: Store, clock: Clock, air: Air, boot_id: str) -> None:
        self._store = store
        self._clock = clock
        self._air = air
        self._changes = store.changes()
        self._look_at = clock.monotonic()
        self._amplifiers: dict[int, _Amplifier] = {}
        self._leaving: list[Device] = []
        """Devices of switches that were changed or closed, until they are off."""
        self._switch_of: dict[int, int] = {}
        """By output."""
        self._outputs_of_zone: dict[int, int] = {}
        self._planned: list[tuple[frozenset[int], Use]] = []
        """What will sound soon, with its outputs; moments monotonic."""
        self._read(first=True)
        air.warm_at = self.warm_at

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        raise AssertionError("no order is about this duty")

    def warm_at(self, output_id: int, now: float) -> float:
        """Return when people can hear what the output plays from `now` on."""
        amplifier = self._amplifiers.get(self._switch_of.get(output_id, 0))
        if amplifier is None:
            return now
        since = now if amplifier.turned_on_at is None else amplifier.turned_on_at
        return max(now, since + amplifier.device.plan.timing.lead_in_s)

    def turn(self, now: datetime) -> None:
        monotonic = self._clock.monotonic()
        if monotonic >= self._look_at:
            self._look_at = monotonic + LOOK_S
            if self._changes.has_changed():
                self._read()
            self._planned = self._coming(now, monotonic) if self._amplifiers else []
        for number, amplifier in self._amplifiers.items():
            self._decide(number, amplifier, monotonic, now)
        for device in tuple(self._leaving):
            device.turn()
            if device.is_known_off:
                self._leaving.remove(device)

    def hear(self, output_id: int, word: Word) -> None:
        pass

    def close(self) -> None:
        """Turn everything off; what does not answer in time is turned off at the next start."""
        self._changes.close()
        devices = [amplifier.device for amplifier in self._amplifiers.values()] + self._leaving
        deadline = time.monotonic() + CLOSE_S
        for device in devices:
            device.set(False)
        while time.monotonic() < deadline and not all(d.is_known_off or d.trouble for d in devices):
            for device in devices:
                device.turn()
            time.sleep(0.02)
        for device in devices:
            if device.is_known_off:
                self._remember(device.plan.switch_id, None)

    # --- deciding ---

    def _decide(self, number: int, amplifier: _Amplifier, monotonic: float, now: datetime) -> None:
        device, sounding = amplifier.device, list(self._sounding_on(number))
        uses = list(self._uses(number, amplifier, sounding, monotonic))
        timing = device.plan.timing
        early = replace(timing, lead_in_s=timing.lead_in_s + MARGIN_S)
        power = wanted(monotonic, uses, early, amplifier.on_since)
        if power is Power.ON and amplifier.turned_on_at is None:
            amplifier.turned_on_at = monotonic
            amplifier.on_since = monotonic if amplifier.on_since is None else amplifier.on_since
            self._remember(number, now)
        if power is not Power.ON and amplifier.turned_on_at is not None:
            amplifier.turned_on_at = None
        if power is Power.OFF:
            amplifier.on_since = None
        device.set(power is Power.ON)
        was_settled = device.is_settled
        device.turn()
        if device.is_known_off and not was_settled:
            self._remember(number, None)
        self._show(number, amplifier, power, sounding, now)

    def _uses(
        self, number: int, amplifier: _Amplifier, sounding: list[Sounding], monotonic: float
    ) -> Iterator[Use]:
        outputs = self._outputs_of(number)
        for each in sounding:
            starts = min(each.starts_at(lane) for lane in each.lanes.values())
            yield Use(starts, None, each.is_emergency)
        for output_id in outputs & self._air.tests.keys():
            yield Use(*self._air.tests[output_id])
        if any(each.at_monotonic <= monotonic for each in sounding):
            amplifier.last_end = monotonic
        elif amplifier.last_end is not None:
            yield Use(amplifier.last_end, amplifier.last_end)
        yield from (use for reached, use in self._planned if reached & outputs)

    def _show(
        self, number: int, amplifier: _Amplifier, power: Power, sounding: list[Sounding], now: datetime
    ) -> None:
        """Tell what is wrong with it on every page, and in the history of what sounds meanwhile."""
        device, key = amplifier.device, f"switch {number}"
        self._air.more_signs.setdefault("switches", {})[str(number)] = {
            "is_on": amplifier.turned_on_at is not None and not device.trouble,
            "trouble": device.trouble,
        }
        if power is Power.TOO_LONG:
            hours = f"{device.plan.timing.longest_on_s / 3600:.1f}".rstrip("0").rstrip(".").replace(".", ",")
            words = f"“{device.plan.name}” bật liền quá {hours} giờ nên bị tắt để an toàn"
        elif device.trouble:
            act = "bật" if power is Power.ON else "tắt"
            words = f"Không {act} được “{device.plan.name}”: {device.trouble}"
        else:
            self._air.faults.clear(key)
            return
        self._air.faults.note(key, words, now)
        for each in sounding if power is not Power.OFF else ():
            if each.airing_id not in amplifier.noted:
                amplifier.noted.add(each.airing_id)
                each.incidents.append(f"{words}.")

    # --- what sounds, and what will ---

    def _sounding_on(self, number: int) -> Iterator[Sounding]:
        outputs = self._outputs_of(number)
        for sounding in self._air:
            if any(output_id in outputs and not lane.is_over for output_id, lane in sounding.lanes.items()):
                yield sounding

    def _outputs_of(self, number: int) -> frozenset[int]:
        return frozenset(output for output, switch in self._switch_of.items() if switch == number)

    def _coming(self, now: datetime, monotonic: float) -> list[tuple[frozenset[int], Use]]:
        """Return what is planned within the longest lead-in, at the second at which it will start."""
        lead_s = max(amplifier.device.plan.timing.lead_in_s for amplifier in self._amplifiers.values())
        with self._store.read() as session:
            if standing_hold(session) is not None:
                return []
            waiting = slots.planned_slots(session, now + timedelta(seconds=lead_s + AHEAD_S))
        busy = {zone: self._air.ends_at(each) for each in self._air for zone in each.zone_ids}
        coming = []
        for timed in build(waiting.ready, now, busy).timed:
            starts = monotonic + (timed.starts_at - now).total_seconds()
            outputs = frozenset(
                self._outputs_of_zone[z] for z in timed.slot.zones if z in self._outputs_of_zone
            )
            coming.append((outputs, Use(starts, starts)))
        return coming

    # --- rows ---

    def _read(self, *, first: bool = False) -> None:
        with self._store.read() as session:
            rows = switches.switches(session)
            plans = dict(_plans(rows))
            left_on = {row.id for row in rows if row.on_since is not None}
            used = zones.outputs(session)
        self._switch_of = {output.id: output.switch_id for output in used if output.switch_id in plans}
        self._outputs_of_zone = {zone.id: output.id for output in used for zone in zones.zones_of(output)}
        for number in self._amplifiers.keys() - plans.keys():
            self._let_go(number)
        for number, plan in plans.items():
            self._follow(number, plan, may_be_on=first and number in left_on)

    def _follow(self, number: int, plan: SwitchPlan, *, may_be_on: bool) -> None:
        known = self._amplifiers.get(number)
        if known is not None and _calls(known.device.plan) == _calls(plan):
            known.device.plan = plan
            return
        if known is not None:
            self._let_go(number)
        device = Device(plan, self._store.folder, self._clock.monotonic, may_be_on=may_be_on)
        self._amplifiers[number] = _Amplifier(device)

    def _let_go(self, number: int) -> None:
        """Turn off, by its old calls, what was changed or closed."""
        amplifier = self._amplifiers.pop(number)
        amplifier.device.set(False)
        self._leaving.append(amplifier.device)
        self._air.faults.clear(f"switch {number}")
        self._air.more_signs.get("switches", {}).pop(str(number), None)

    def _remember(self, number: int, on_since: datetime | None) -> None:
        """Write down that it is on before it is, and that it is off; a full disk keeps nothing off."""
        try:
            with self._store.write() as session:
                session.execute(update(Switch).where(Switch.id == number).values(on_since=on_since))
        except StoreError as error:
            logger.error("the state of switch %s is not kept: %s", number, error)


def _plans(rows: list[Switch]) -> Iterator[tuple[int, SwitchPlan]]:
    for row in rows:
        try:
            yield row.id, switches.plan_of(row)
        except Invalid:
            # What an older version took must not end the playout.
            logger.exception("switch %s is left alone: it cannot be used as it is set", row.id)


def _calls(plan: SwitchPlan) -> tuple[object, ...]:
    return plan.on, plan.off, plan.state, plan.expects
