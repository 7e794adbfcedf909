"""What happens to accounts, written down in the transaction that makes it happen; the audit page reads it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.tables import AccountEvent
from knowledge.vocabulary import AccountEventKind

# Who acts where nobody is signed in: the service itself, and whoever may start commands on its machine.
SYSTEM, COMMAND = "system", "command"


@dataclass(frozen=True)
class Acting:
    """Who does something with an account, when, and from which address."""

    by: str
    at: datetime
    address: str = ""


def note(session: AsyncSession, kind: AccountEventKind, staff: str, acting: Acting, text: str = "") -> None:
    """Add one event to the caller's transaction."""
    session.add(AccountEvent(at=acting.at, kind=kind, staff=staff, by=acting.by, address=acting.address, note=text))
