"""One rule set: what the code asks is declared, what is declared is asked, nobody asks roles beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import oko.cabinet
from oko.cabinet.foundation.access import VERBS
from oko.cabinet.people.middleware import PUBLIC
from oko.cabinet.people.models import Role
from oko.cabinet.site import rulebook
from oko.cabinet.site.addresses import ADDRESSES, Door

CABINET = Path(oko.cabinet.__file__ or "").parent

#: Modules that look at a role themselves, and why that is no right.
LOOKS_AT_ROLES = {
    "access/models.py": "a list of codes belongs to those who hold the same office",
    "access/queries.py": "whom a right reaches, as a filter for a table",
    "access/second_factor.py": "for which roles a second factor is compulsory: no right, a duty",
    "appointments/actions.py": "the history says in which role it was done",
    "appointments/lists.py": "a list says in which role it was sent",
    "appointments/queries.py": "which proposals wait for one's office, as a filter for a table",
    "site/access_log.py": "a line of the log says in which role it was asked",
    "assessments/models.py": "a document says for which roles it is: visibility, not a verb",
    "assessments/queries.py": "which steps of the roadmap are one's own",
    "audit/recording.py": "an event says in which role it was done",
    "foundation/access.py": "here verbs are asked of roles",
    "reports/views.py": "a drawn table is kept for all who act alike",
}


def calls() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted(CABINET.rglob("*.py")):
        if "migrations" not in file.parts:
            tree = ast.parse(file.read_text("utf-8"))
            yield from (
                (str(file.relative_to(CABINET)), node)
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
            )


def asked() -> dict[str, str]:
    """Verb → one place where it is asked: `may(acting, "verb", …)`, `require(…)`. One whose name is put
    together there stands as its beginning with a star.
    """
    found = {}
    for file, call in calls():
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name in ("may", "require") and len(call.args) > 1:
            found |= dict.fromkeys(named(call.args[1]), f"{file}:{call.lineno}")
    return found


def named(argument: ast.expr) -> set[str]:
    """The verbs that an expression may stand for."""
    if isinstance(argument, ast.Constant):
        return {str(argument.value)}
    if isinstance(argument, ast.IfExp):
        return named(argument.body) | named(argument.orelse)
    if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
        return {f"{argument.values[0].value}*"}
    return set()


def undeclared(verb: str) -> bool:
    return not any(fnmatch(declared, verb) for declared in VERBS)


def test_every_verb_that_is_asked_is_declared() -> None:
    rulebook.load_rules()
    assert not {verb: where for verb, where in asked().items() if undeclared(verb)}


def test_every_verb_that_is_declared_is_asked_somewhere() -> None:
    rulebook.load_rules()
    verbs = asked()
    assert not {verb for verb in VERBS if not any(fnmatch(verb, one) for one in verbs)}


def test_addresses_speak_of_declared_verbs() -> None:
    rulebook.load_rules()
    assert {verb for address in ADDRESSES.values() for verb in address.verbs} <= set(VERBS)


def test_verbs_speak_of_roles_that_there_are() -> None:
    rulebook.load_rules()
    named = {role for verb in VERBS.values() for grant in verb.grants for role in grant.roles}
    assert named <= set(Role.values)


def test_verb_belongs_to_the_app_that_declares_it() -> None:
    for file, call in calls():
        if isinstance(call.func, ast.Name) and call.func.id == "declare":
            app = file.split("/")[0]
            assert file == f"{app}/rules.py", f"{file}: правила стоят в rules.py"
            assert all(verb.startswith(f"{app}.") for verb in named(call.args[0])), file


def test_only_rules_look_at_the_role_in_which_one_acts() -> None:
    looking = set()
    for file in sorted(CABINET.rglob("*.py")):
        name = str(file.relative_to(CABINET))
        if file.name != "rules.py" and "migrations" not in file.parts:
            looking |= {
                name
                for node in ast.walk(ast.parse(file.read_text("utf-8")))
                if isinstance(node, ast.Attribute)
                and node.attr == "role"
                and isinstance(node.value, ast.Name | ast.Attribute)
                and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr) == "acting"
            }
    assert looking == set(LOOKS_AT_ROLES), "право спрашивают глаголом: may(acting, …) или require(acting, …)"


def test_doors_are_those_of_the_views() -> None:
    for name, route, pattern in rulebook.routes():
        door = ADDRESSES[name].door
        is_public = getattr(pattern.callback, PUBLIC, False)
        needs_none = getattr(pattern.callback, "oko_needs_no_appointment", False)
        wanted = Door.STREET if is_public else Door.PERSON if needs_none else Door.APPOINTED
        assert door is wanted, f"{name} ({route})"
