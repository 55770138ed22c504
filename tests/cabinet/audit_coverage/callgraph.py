"""Which functions of the cabinet write to the database, and which leave an event, read from their source.

A function does what those do that it calls, as far as they are functions of our own, called by name or as
`module.name`. What goes through a signal or an object's method is not followed: such a writer has to record
by itself, or to stand in the list of the test.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import oko.cabinet

ROOT = Path(oko.cabinet.__file__).parent
#: Methods of managers, query sets and models that change rows.
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "delete",
}
#: `update` is also a dictionary's: only one that names columns, or follows `filter`, changes rows.
UPDATE = "update"


@dataclass
class Function:
    module: str
    name: str
    line: int
    writes: bool = False
    records: bool = False
    calls: set[tuple[str, str]] = field(default_factory=set)

    @property
    def path(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def is_public(self) -> bool:
        return not any(part.startswith("_") for part in self.name.split("."))


def functions() -> dict[tuple[str, str], Function]:
    """Every function and method of the apps, with what it does after all its calls are followed."""
    found: dict[tuple[str, str], Function] = {}
    for path in _sources():
        module = ".".join(("oko", "cabinet", *path.relative_to(ROOT).with_suffix("").parts))
        for function in _of_module(module, ast.parse(path.read_text())):
            found[module, function.name] = function
    _follow(found)
    return found


def _sources() -> Iterator[Path]:
    """The apps without the ground they stand on, the journal itself, the demo, and changes of the schema."""
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).parts
        if parts[0] in ("foundation", "audit") or "migrations" in parts or "demo" in parts:
            continue
        yield path


def _of_module(module: str, tree: ast.Module) -> Iterator[Function]:
    names = _imported(module, tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _read(module, node.name, node, names)
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield _read(module, f"{node.name}.{member.name}", member, names)


def _imported(module: str, tree: ast.Module) -> dict[str, tuple[str, str]]:
    """What each name of the module stands for: (module, function), or (module, "") for a module."""
    names: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.setdefault(node.name, (module, node.name))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("oko.cabinet"):
            for alias in node.names:
                of = f"{node.module}.{alias.name}"
                as_module = (ROOT.parent.parent / Path(*of.split("."))).with_suffix(".py").exists()
                names[alias.asname or alias.name] = (of, "") if as_module else (str(node.module), alias.name)
    return names


def _read(module: str, name: str, node: ast.AST, names: dict[str, tuple[str, str]]) -> Function:
    function = Function(module, name, getattr(node, "lineno", 0))
    for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
        called = call.func
        if isinstance(called, ast.Name):
            if called.id in ("record", "record_all"):
                function.records = True
            elif called.id in names:
                function.calls.add(names[called.id])
        elif isinstance(called, ast.Attribute):
            if isinstance(called.value, ast.Name) and names.get(called.value.id, ("", "x"))[1] == "":
                function.calls.add((names[called.value.id][0], called.attr))
            elif called.attr in WRITES or (called.attr == UPDATE and _changes_rows(call)):
                function.writes = True
    return function


def _changes_rows(call: ast.Call) -> bool:
    return bool(call.keywords) and not call.args


def _follow(found: dict[tuple[str, str], Function]) -> None:
    changed = True
    while changed:
        changed = False
        for function in found.values():
            for called in (found[key] for key in function.calls if key in found):
                if called.writes and not function.writes:
                    function.writes = changed = True
                if called.records and not function.records:
                    function.records = changed = True
