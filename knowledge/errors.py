"""The few errors that reach a person; each carries a Chinese sentence that says what to do."""


class ZhengwenError(Exception):
    """Something a person can mend. `str(error)` is the sentence shown to them."""


class SettingsError(ZhengwenError):
    """A setting is unknown, missing or unsafe; the service does not start."""


class BadInputError(ZhengwenError):
    """What somebody sent cannot be taken; nothing was changed. `field` names the place."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFoundError(ZhengwenError):
    """There is no such thing, or the asker may not know of it."""


class ConflictError(ZhengwenError):
    """Somebody else was faster. `theirs` is what stands now, so that both texts can be shown."""

    def __init__(self, message: str, theirs: str = "") -> None:
        super().__init__(message)
        self.theirs = theirs


class StorageError(ZhengwenError):
    """The database cannot be reached or is not in the state this version needs."""
