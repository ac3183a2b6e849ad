"""Alembic migrations of the database (ctcollect db upgrade)."""
