"""Alembic's entry: runs on the connection that `migrate` hands in."""

from typing import Any, Literal

from alembic import context

from broadcaster.store.models import Base, Moment


def _render(kind: str, column_type: Any, _: Any) -> str | Literal[False]:
    """Write our moments as the plain type they are in the database."""
    return "sa.DateTime()" if kind == "type" and isinstance(column_type, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
