"""Every error of ours that a person may meet. The message is the Vietnamese sentence they read.

BroadcasterError
├── SettingsError        a settings file cannot be used
├── StoreError           the store cannot be opened, read or written now
│   ├── StoreDamaged     its file is not what it was: no waiting helps, only a backup
│   └── StationRunning   another station holds this data folder
├── NotFound             no such bulletin, airing, person …
├── NotPermitted         this person may not do this
├── Refused              a rule forbids it: the sentence names the rule and the next step
│   ├── Invalid          a field holds something that cannot be taken (`field` names it)
│   ├── OverLimit        a limit on hours or lengths forbids it (`may_override`: not with a reason)
│   └── EditedMeanwhile  somebody else saved first (`newest_number` names their version)
├── SignInFailed         wrong name or password, or locked out for a while
└── RenderingFailed      no clip could be made
"""

from __future__ import annotations


class BroadcasterError(Exception):
    """Base of all; `str(error)` is one Vietnamese sentence."""


class SettingsError(BroadcasterError):
    pass


class StoreError(BroadcasterError):
    pass


class StoreDamaged(StoreError):
    pass


class StationRunning(StoreError):
    pass


class NotFound(BroadcasterError):
    pass


class NotPermitted(BroadcasterError):
    pass


class Refused(BroadcasterError):
    pass


class Invalid(Refused):
    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class OverLimit(Refused):
    def __init__(self, message: str, *, may_override: bool) -> None:
        super().__init__(message)
        self.may_override = may_override
        """Whether this person may break it by giving a reason."""


class EditedMeanwhile(Refused):
    def __init__(self, message: str, newest_number: int) -> None:
        super().__init__(message)
        self.newest_number = newest_number


class SignInFailed(BroadcasterError):
    pass


class RenderingFailed(BroadcasterError):
    pass
