"""`oko check`: every unsafe setting by name."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Annotated

import typer

from oko.cabinet.site.checks.findings import Check, Finding

app = typer.Typer(add_completion=False, help="Проверка установки.")


@app.command()
def check(
    deploy: Annotated[
        bool, typer.Option("--deploy", help="Всё, что важно, когда Око открыто другим людям.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Результат одним значением JSON.")] = False,
) -> None:
    """Назвать небезопасные и неисправные настройки: что найдено, что ожидается, как исправить."""
    import django

    from oko.cabinet.site.database import EmbeddedDatabaseError
    from oko.cabinet.site.environment import SettingError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oko.cabinet.site.settings")
    try:
        django.setup()
    except (EmbeddedDatabaseError, SettingError, ValueError) as error:
        findings = [Finding(str(error), "Настройки читаются.", "См. выше.", check="settings")]
    else:
        findings = look(deploy=deploy)
    unsafe = [finding for finding in findings if not finding.advice]
    if as_json:
        typer.echo(
            json.dumps(
                {"ok": not unsafe, "findings": [finding.as_json() for finding in findings]},
                ensure_ascii=False,
            )
        )
    else:
        typer.echo(_in_words(findings))
    raise typer.Exit(1 if unsafe else 0)


def look(*, deploy: bool) -> list[Finding]:
    """Run the checks; a database that does not answer, or is not this version's, is one finding, not ten."""
    from django.db import DatabaseError

    from oko.cabinet.site.checks import of_database, of_place, of_settings  # noqa: F401  # they fill the list
    from oko.cabinet.site.checks.findings import CHECKS

    found: list[Finding] = []
    answers = True
    for one in CHECKS.values():
        if (one.deploy and not deploy) or (one.database and not answers):
            continue
        try:
            findings = _looked(one)
            answers = answers and not (one.name == "migrations" and findings)
            found += findings
        except DatabaseError as error:
            answers = False
            found.append(
                Finding(
                    f"База данных не отвечает или не та: {str(error).strip().splitlines()[0]}",
                    "Отвечает и построена Око.",
                    "Проверьте DATABASE_URL и запустите oko serve.",
                    check=one.name,
                )
            )
    return found


def _looked(one: Check) -> list[Finding]:
    return [replace(finding, check=one.name) for finding in one.look()]


def _in_words(findings: list[Finding]) -> str:
    if not findings:
        return "Замечаний нет."
    blocks = [
        f"{'совет' if finding.advice else 'НЕБЕЗОПАСНО'} [{finding.check}] {finding.found}\n"
        f"    Ожидается: {finding.expected}\n    Как исправить: {finding.mend}"
        for finding in sorted(findings, key=lambda finding: finding.advice)
    ]
    unsafe = sum(not finding.advice for finding in findings)
    return "\n".join([*blocks, f"Небезопасного: {unsafe}, советов: {len(findings) - unsafe}."])
