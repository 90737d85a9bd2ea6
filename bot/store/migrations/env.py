"""Alembic's environment: it gets an open connection from `bot.migrate` and keeps a version table for each store."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=f"alembic_{attributes['store']}",
    transactional_ddl=True,
)
context.run_migrations()
