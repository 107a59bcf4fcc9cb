"""The tables. No rules live here: what may happen to a row is decided by the rooms that own it.

Moments are aware datetimes, UTC in the store. Texts that people signed and sound that was aired are never
updated or deleted; corrections are new rows.
"""

from broadcaster.store.models.airchecks import Aircheck, AircheckHold
from broadcaster.store.models.airings import Airing, AiringState, Live, airing_zone
from broadcaster.store.models.approvals import Approval, ApprovalEnd
from broadcaster.store.models.base import NAMES, Base, Moment
from broadcaster.store.models.bulletins import (
    Bulletin,
    BulletinState,
    BulletinStep,
    Kind,
    Reading,
    Source,
    Version,
)
from broadcaster.store.models.complaints import Complaint
from broadcaster.store.models.emergencies import (
    Alert,
    CapMessage,
    CapSource,
    PreparedOrder,
    prepared_order_zone,
)
from broadcaster.store.models.history import Audit, History, HistoryWords, Seal
from broadcaster.store.models.keeping import NightlyOutcome, Removal, Restoration
from broadcaster.store.models.limits import LimitRule, StationDay
from broadcaster.store.models.notices import Notice, Sending
from broadcaster.store.models.people import OneTimeLink, Person, PersonKey, SignIn, SignInFailure
from broadcaster.store.models.plans import Plan, PlanQuota, PlanReminder, PlanTopic, plan_person
from broadcaster.store.models.programmes import (
    Programme,
    ProgrammeDate,
    ProgrammePart,
    ProgrammePause,
    ProgrammeSeason,
    ProgrammeSignature,
    ReadinessCheck,
    programme_zone,
)
from broadcaster.store.models.requests import Request, request_zone
from broadcaster.store.models.sounds import Clip, Recording, Relay, Rendering, RenderingState
from broadcaster.store.models.station import Boot, Command, Hold, Output, StationFact, Switch, Zone

__all__ = [
    "NAMES",
    "Aircheck",
    "AircheckHold",
    "Airing",
    "AiringState",
    "Alert",
    "Approval",
    "ApprovalEnd",
    "Audit",
    "Base",
    "Boot",
    "Bulletin",
    "BulletinState",
    "BulletinStep",
    "CapMessage",
    "CapSource",
    "Clip",
    "Command",
    "Complaint",
    "History",
    "HistoryWords",
    "Hold",
    "Kind",
    "LimitRule",
    "Live",
    "Moment",
    "NightlyOutcome",
    "Notice",
    "OneTimeLink",
    "Output",
    "Person",
    "PersonKey",
    "Plan",
    "PlanQuota",
    "PlanReminder",
    "PlanTopic",
    "PreparedOrder",
    "Programme",
    "ProgrammeDate",
    "ProgrammePart",
    "ProgrammePause",
    "ProgrammeSeason",
    "ProgrammeSignature",
    "ReadinessCheck",
    "Reading",
    "Recording",
    "Relay",
    "Removal",
    "Rendering",
    "RenderingState",
    "Request",
    "Restoration",
    "Seal",
    "Sending",
    "SignIn",
    "SignInFailure",
    "Source",
    "StationDay",
    "StationFact",
    "Switch",
    "Version",
    "Zone",
    "airing_zone",
    "plan_person",
    "prepared_order_zone",
    "programme_zone",
    "request_zone",
]
