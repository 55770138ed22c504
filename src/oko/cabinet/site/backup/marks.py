"""When the last backup was made: noted beside the database, for `oko check`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings

from oko.cabinet.site.backup.making import Made

NAME = "last-backup.json"


def note(made: Made) -> None:
    _path().write_text(json.dumps(made.as_json(), ensure_ascii=False), encoding="utf-8")


def last() -> datetime | None:
    """The moment of the last backup made here, or None."""
    try:
        return datetime.fromisoformat(json.loads(_path().read_text(encoding="utf-8"))["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path() -> Path:
    return Path(settings.STATE) / NAME
