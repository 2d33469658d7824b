"""Operations of migrations that leave a running site alone (``docs/how-to/risky-migration.md``).

A migration that holds one says ``atomic = False``: PostgreSQL builds an index beside the running site only outside a transaction.
Stopped halfway and started again, it begins the index anew.
"""

from __future__ import annotations

import sys
from typing import Any

from django.db import DatabaseError, migrations
from django.db.migrations.operations.base import Operation


class AddIndexBeside(migrations.AddIndex):
    """``AddIndex`` without a lock on the table; SQLite has one writer anyway and builds it as ever."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
            schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        elif self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")


class AddTrigramIndex(Operation):
    """An index that finds a piece of a word in ``columns``, as ``__icontains`` and ``__iexact`` ask for it: PostgreSQL with the extension ``pg_trgm``.

    Where the extension is not there and may not be made, the migration goes on and says what to do: a search reads the list then,
    as it does on SQLite, and finds the same.
    """

    atomic = False
    reduces_to_sql = False
    reversible = True

    def __init__(self, model_name: str, columns: list[str], name: str) -> None:
        self.model_name, self.columns, self.name = model_name, columns, name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing of the models: the index is beside them."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        connection, quote = schema_editor.connection, schema_editor.quote_name
        model = to_state.apps.get_model(app_label, self.model_name)
        if connection.vendor != "postgresql" or not self.allow_migrate_model(connection.alias, model):
            return
        table = quote(model._meta.db_table)
        if not _trigrams(connection):
            sys.stderr.write(
                f"\n  Note: the extension pg_trgm is not in this database and could not be made there, so a search goes without the index {self.name}: slower in a list of many thousands, never otherwise.\n"
                f"  Whoever may, says CREATE EXTENSION pg_trgm; in this database, then: manage.py migrate {app_label} to the migration before this one, and manage.py migrate again.\n"
            )
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm'")
            where = cursor.fetchone()[0]
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quote(self.name)}")
        words = ", ".join(f"upper({quote(model._meta.get_field(column).column)}::text) {where}.gin_trgm_ops" for column in self.columns)
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY {quote(self.name)} ON {table} USING gin ({words})")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """The extension stays: something else may use it."""
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.name)}")

    def describe(self) -> str:
        return f"Find pieces of words in {', '.join(self.columns)} of {self.model_name} by an index"

    @property
    def migration_name_fragment(self) -> str:
        return self.name


def _trigrams(connection: Any) -> bool:
    """Whether the database has the extension, made now where that is allowed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone()[0]:
            return True
        try:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError:
            return False
    return True
