"""Where packages lie on disk: finished ones as `12.zip`, an attempt under way in a folder of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from django.conf import settings

from oko.cabinet.reports.models import ReportPackage

_FINISHED, _UNFINISHED = re.compile(r"(\d+)\.zip"), re.compile(r"(\d+)-(\d+)\.unfinished")


def root() -> Path:
    path = Path(settings.PACKAGES_ROOT)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def finished(package_id: int) -> Path:
    return root() / f"{package_id}.zip"


def unfinished(package_id: int, attempt: int) -> Path:
    return root() / f"{package_id}-{attempt}.unfinished"


def forget(package_id: int) -> None:
    """Nothing of the package stays, neither finished nor half-done."""
    finished(package_id).unlink(missing_ok=True)
    for folder in root().glob(f"{package_id}-*.unfinished"):
        shutil.rmtree(folder, ignore_errors=True)


def remove_strays() -> int:
    """What no order knows any more: left by a process that was killed, or by a database put back."""
    removed = 0
    for path in root().iterdir():
        if _is_stray(path.name):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            removed += 1
    return removed


def _is_stray(name: str) -> bool:
    orders = ReportPackage.everything
    if made := _FINISHED.fullmatch(name):
        kept = (ReportPackage.State.READY, *ReportPackage.RUNNING)
        return not orders.filter(pk=int(made[1]), state__in=kept).exists()
    if begun := _UNFINISHED.fullmatch(name):
        running = orders.filter(pk=int(begun[1]), attempt=int(begun[2]), state__in=ReportPackage.RUNNING)
        return not running.exists()
    return False
