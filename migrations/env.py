"""Alembic's entry: runs the migrations on the connection that ctcollect.store.schema hands over."""

from alembic import context

from ctcollect.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
