"""The machine: who can read our files, and whether what is needed is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from oko.cabinet.foundation import clock
from oko.cabinet.site import environment
from oko.cabinet.site.backup import marks
from oko.cabinet.site.checks.findings import Finding, check

OTHERS = 0o007
OTHERS_LOOK_OR_WRITE = 0o006  # to pass through it, as the embedded server's own user must, is no harm
OLDEST_BACKUP = timedelta(days=2)


@check("files", "Доступ к файлам")
def files() -> Iterator[Finding]:
    if os.name != "posix":
        return
    wanted = [
        *((Path(settings.STATE), OTHERS_LOOK_OR_WRITE), (Path(settings.AUDIT_ROOT), OTHERS_LOOK_OR_WRITE)),
        *((Path(settings.WORKS_ROOT), OTHERS), (Path(settings.AUDIT_ROOT) / "sealer-key.pem", OTHERS)),
        *((path, OTHERS) for path, _value in environment.secrets_in_use().values()),
    ]
    for path, forbidden in wanted:
        if path.exists() and path.stat().st_mode & forbidden:
            mend = "o-rwx" if forbidden == OTHERS else "o-rw"
            yield Finding(
                f"«{path}» открыт всем на этом компьютере (права {path.stat().st_mode & 0o777:o}).",
                "Доступен только тому, под кем работает Око.",
                f"chmod {mend} «{path}»",
            )


@check("journal-place", "Место контрольных точек журнала", deploy=True)
def journal_place() -> Iterator[Finding]:
    journal, state = Path(settings.AUDIT_ROOT), Path(settings.STATE)
    if journal.exists() and state.exists() and journal.stat().st_dev == state.stat().st_dev:
        yield Finding(
            f"Контрольные точки и ключ печати журнала лежат на одном диске с данными: «{journal}».",
            "Другой диск или узел, куда не может писать тот, кто правит базу.",
            "Задайте OKO_AUDIT_DIR на другом диске и регулярно копируйте checkpoints.jsonl наружу.",
            advice=True,
        )


@check("static", "Файлы оформления", deploy=True)
def static() -> Iterator[Finding]:
    from oko.cabinet.site.serving import static_is_built

    if not static_is_built():
        yield Finding(
            f"Файлы оформления не собраны или устарели: «{settings.STATIC_ROOT}».",
            "Собраны из этой версии Око.",
            "Запустите oko serve: он собирает их сам.",
        )


@check("backup", "Резервная копия", deploy=True)
def backup() -> Iterator[Finding]:
    made = marks.last()
    if made is None or clock.now() - made > OLDEST_BACKUP:
        yield Finding(
            f"Последняя копия сделана {made:%d.%m.%Y}." if made else "Ни одной копии ещё не сделано.",
            "Копия каждый день, на другом узле.",
            "Поставьте в расписание oko backup ПАПКА и проверяйте копии: oko restore ФАЙЛ --into ПАПКА.",
        )
