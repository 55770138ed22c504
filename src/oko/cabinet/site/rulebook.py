"""The one rule set: the verbs of all apps and the addresses that ask them, put together and readable.

python -m oko.cabinet.site.rulebook > docs/access.md
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from oko.cabinet.foundation.access import VERBS, Reach, Verb
from oko.cabinet.people.models import Role
from oko.cabinet.site.addresses import BY_APP, Address

#: How far a verb goes, in a word; the legend says it at length.
WORDS: dict[Reach, tuple[str, str]] = {
    Reach.ANYWHERE: ("да", "не зависит от организации"),
    Reach.OWN: ("своя", "своя организация"),
    Reach.BELOW: ("ниже", "организации, которые подчинены своей напрямую"),
    Reach.UNDER: ("все ниже", "все, кого видит своя организация, кроме неё самой: у региона все в нём"),
    Reach.SEEN: ("видимое", "своя организация и все, кого она видит (см. «Кто кого видит»)"),
    Reach.REGION: ("регион", "свой регион целиком"),
    Reach.COUNTRY: ("страна", "вся страна"),
}

#: The columns, from the country down to the room; two letters each, as narrow as a page of 14 columns needs.
COLUMNS: dict[str, str] = {
    Role.FEDERAL_ORGANISER: "ФО",
    Role.REGIONAL_COORDINATOR: "РК",
    Role.MUNICIPAL_COORDINATOR: "МК",
    Role.RESPONSIBLE_COORDINATOR: "ОК",
    Role.HEAD: "РО",
    Role.SCHOOL_COORDINATOR: "ШК",
    Role.TECHNICAL_SPECIALIST: "ТС",
    Role.ROOM_ORGANISER: "ОА",
    Role.PUBLIC_OBSERVER: "ОН",
    Role.INDEPENDENT_OBSERVER: "НН",
    Role.SCANNING_SPECIALIST: "СС",
    Role.EXPERT: "ЭК",
    Role.TEACHER: "УЧ",
    Role.ANALYST: "АН",
}

HEAD = """# Кто что может

Этот файл составлен программой из правил в коде: `make access-docs`. Правила каждого приложения — в его
`rules.py`, адреса — в `src/oko/cabinet/site/addresses.py`. Что адреса отвечают на самом деле, для каждой роли
сверяют тесты (`tests/cabinet/matrix/`); ожидаемые ответы — в `access-matrix.csv` рядом с этим файлом.

## Кто кого видит

- Федеральный организатор — всю страну; регион — себя и всё в своём регионе; муниципалитет и региональный
  центр — себя и тех, кто им подчинён; школа и организация СПО — только себя.
- Человек действует в одном назначении: роль, организация, процедура. Другой процедуры для него нет.
- Чего человек не видит, того нет: ответ — 404, тот же, что на выдуманный номер. На видимое, с чем роли
  делать этого нельзя, ответ — 403.
- Незнакомого и того, кто не назначен, не пускают никуда, кроме адресов «без входа» и «о нём самом».
"""


def load_rules() -> None:
    """Import every app's `rules.py`, so that all verbs are declared."""
    for config in apps.get_app_configs():
        if config.name.startswith("oko.") and find_spec(f"{config.name}.rules"):
            import_module(f"{config.name}.rules")


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    """Every (name, route, pattern) of the project."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield str(pattern.name), f"/{prefix}{pattern.pattern}", pattern


def page() -> str:
    """The whole rule set as Markdown, in Russian."""
    load_rules()
    parts = [HEAD, *_legend(), "## Действия\n"]
    for app in _apps_with_verbs():
        parts += [f"### {_title(app)}\n", *_verbs(app)]
    parts += ["## Адреса\n", _about_addresses()]
    paths = {name: route for name, route, _pattern in routes()}
    for app, addresses in BY_APP.items():
        parts += [f"### {_title(app)}\n", *_addresses(addresses, paths)]
    return "\n".join(parts).rstrip() + "\n"


def _legend() -> Iterator[str]:
    yield "## Обозначения\n"
    yield (
        "Роли: " + ", ".join(f"{short} — {Role(role).label.lower()}" for role, short in COLUMNS.items()) + "."
    )
    yield ""
    yield "Как далеко:\n"
    for word, meaning in WORDS.values():
        yield f"- **{word}** — {meaning};"
    yield "- **—** — нельзя.\n"


def _apps_with_verbs() -> list[str]:
    return list(dict.fromkeys(config.label for config in apps.get_app_configs() if _of_app(config.label)))


def _of_app(label: str) -> list[Verb]:
    return [verb for name, verb in VERBS.items() if name.split(".")[0] == label]


def _title(label: str) -> str:
    return str(apps.get_app_config(label).verbose_name)


def _verbs(app: str) -> Iterator[str]:
    yield "| действие | " + " | ".join(COLUMNS.values()) + " |"
    yield "|---|" + "---|" * len(COLUMNS)
    for verb in _of_app(app):
        notes = [str(condition.title) for condition in verb.conditions]
        if not verb.delegable:
            notes.append("не по поручению")
        note = f" — {'; '.join(notes)}" if notes else ""
        cells = " | ".join(cell(verb, role) for role in COLUMNS)
        yield f"| {verb.title} `{verb.name}`{note} | {cells} |"
    yield ""


def cell(verb: Verb, role: str) -> str:
    """How far the verb goes for a role: «своя, ниже», or a dash."""
    reaches = {grant.reach for grant in verb.grants if role in grant.roles}
    return ", ".join(word for reach, (word, _meaning) in WORDS.items() if reach in reaches) or "—"


def _about_addresses() -> str:
    return (
        "«Раздел» спрашивают до того, как что-либо искать: у кого его нет, тот получает 403 на любой номер. "
        "«О найденном» спрашивают о том, что нашлось среди видимого.\n"
    )


def _addresses(addresses: dict[str, Address], paths: dict[str, str]) -> Iterator[str]:
    yield "| адрес | что там | кому | раздел | о найденном |"
    yield "|---|---|---|---|---|"
    for name, address in addresses.items():
        found = ", ".join(f"`{verb}`" for verb in (address.thing, address.act) if verb)
        section = f"`{address.section}`" if address.section else ""
        section += f" (отправить: `{address.sending}`)" if address.sending else ""
        yield f"| `{paths[name]}` | {address.shows} | {address.door.value} | {section} | {found} |"
    yield ""
