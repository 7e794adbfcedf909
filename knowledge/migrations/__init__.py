"""Alembic migrations, numbered; `tests/knowledge/test_migrations.py` proves that they equal the tables."""
