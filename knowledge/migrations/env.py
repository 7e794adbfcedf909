"""Runs migrations on the connection that `knowledge.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, SQLModel

import knowledge.tables


def plain_types(kind: str, value: Any, _context: object) -> str | Literal[False]:
    """Write plain SQLAlchemy types into new migrations: an old migration must not change with the tables' code."""
    if kind != "type":
        return False
    if isinstance(value, knowledge.tables.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(value, AutoString):
        return "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite changes a table only by copying it
    compare_type=True,
    render_item=plain_types,
)
with context.begin_transaction():
    context.run_migrations()
