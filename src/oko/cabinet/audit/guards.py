"""Whether the database still guards the journal: triggers there and on, columns made from the body."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import pgtrigger

from oko.cabinet.audit.models import Event, Seal

Query = Callable[..., list[tuple[Any, ...]]]

TRIGGERS = """
    SELECT trigger.tgname, trigger.tgenabled::text, function.prosrc
    FROM pg_trigger trigger JOIN pg_proc function ON function.oid = trigger.tgfoid
    WHERE trigger.tgrelid = %s::regclass AND NOT trigger.tgisinternal
"""
GENERATED = """
    SELECT attribute.attname, pg_get_expr(made.adbin, made.adrelid)
    FROM pg_attribute attribute JOIN pg_attrdef made
      ON made.adrelid = attribute.attrelid AND made.adnum = attribute.attnum
    WHERE attribute.attrelid = %s::regclass AND attribute.attgenerated = 's'
"""
#: A trigger that fires in an ordinary session, or in any.
ON = {"O", "A"}


def missing_guards(query: Query) -> list[str]:
    """In words; an empty list where everything is in its place."""
    missing = []
    for model in (Event, Seal):
        table = model._meta.db_table
        there = {name: (state, source) for name, state, source in query(TRIGGERS, table)}
        for guarded, trigger in pgtrigger.registered():
            if cast(Any, guarded) is not model:
                continue
            name = trigger.get_pgid(cast(Any, model))
            state, source = there.get(name, (None, ""))
            if state is None:
                missing.append(f"Нет триггера «{trigger.name}» таблицы {table}.")
            elif state not in ON:
                missing.append(f"Выключен триггер «{trigger.name}» таблицы {table}.")
            elif _words(source) != _words(_function(trigger, model, name)):
                missing.append(f"Подменена функция триггера «{trigger.name}» таблицы {table}.")
    made: dict[Any, Any] = dict(query(GENERATED, Event._meta.db_table))
    for field in Event._meta.concrete_fields:
        if field.generated and f"'{field.name}'" not in str(made.get(field.column, "")):
            missing.append(f"Столбец «{field.column}» больше не составляется из события.")
    return missing


def _function(trigger: pgtrigger.Trigger, model: Any, name: str) -> str:
    """The body of the function as pgtrigger installs it."""
    installed = str(trigger.compile(model).install_sql)
    found = re.search(rf"FUNCTION {re.escape(name)}\(\)\s+RETURNS TRIGGER AS \$\$(.*?)\$\$", installed, re.S)
    return found[1] if found else ""


def _words(source: str) -> str:
    return " ".join(source.split())
