"""What can come of sending a text to a citizen, in the outbox's words: any channel that can push speaks them."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol


class WhatToDo(Enum):
    """What follows from a refusal."""

    RETRY_SOON = auto()
    RETRY_LATER = auto()
    WAIT_FOR_USER = auto()
    GIVE_UP = auto()


@dataclass(frozen=True)
class Sent:
    """The other side took it."""

    note: str = ""


@dataclass(frozen=True)
class Refused:
    """The other side said no, so the citizen has not got it."""

    what_to_do: WhatToDo
    code: int
    note: str


@dataclass(frozen=True)
class Unreachable:
    """The other side never heard of it, so trying again is safe."""

    note: str


@dataclass(frozen=True)
class Uncertain:
    """Nobody knows whether the citizen got it, so it is never sent again by itself."""

    note: str


Outcome = Sent | Refused | Unreachable | Uncertain


class Sender(Protocol):
    """A way to reach a citizen; `code` is the lookup code of the question, where the text answers one."""

    async def send(self, to: str, text: str, code: str) -> Outcome:
        """Try once."""
        ...
