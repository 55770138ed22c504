"""Scans of paper orders: judged by their first bytes and by whether they open, never by their name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from oko.cabinet.assessments.document_files import kind_of, safe_filename

MAX_SCAN = 10 * 1024 * 1024
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
LONGEST_OPENING = 30


def check_scan(content: bytes) -> str:
    """The content type of a scan.

    Raises:
        ValidationError: in words; empty, too large, no PDF, JPEG or PNG, damaged.
    """
    if not content:
        raise ValidationError(_("Файл пуст (0 байт). Приложите скан приказа: PDF, JPEG или PNG."))
    if len(content) > MAX_SCAN:
        raise ValidationError(
            _("Файл больше 10 МБ. Отсканируйте приказ с меньшим разрешением (достаточно 200 точек на дюйм).")
        )
    kind = kind_of(content)
    if kind is None or kind not in ENDINGS:
        raise ValidationError(_("Это не скан: ожидается PDF, JPEG или PNG. Сохраните файл в одном из них."))
    if not _opens(content, ENDINGS[kind]):
        raise ValidationError(
            _("Файл не открывается: повреждён или защищён паролем. Отсканируйте приказ заново.")
        )
    return kind


def scan_name(filename: str, kind: str) -> str:
    """The name under which a scan is given out: with the ending of what it is."""
    name = safe_filename(filename)
    fits = (".jpg", ".jpeg") if kind == "image/jpeg" else (ENDINGS[kind],)
    return name if name.lower().endswith(fits) else name[:190] + ENDINGS[kind]


def _opens(content: bytes, ending: str) -> bool:
    with TemporaryDirectory() as folder:
        (Path(folder) / f"scan{ending}").write_bytes(content)
        try:
            done = subprocess.run(  # noqa: S603  # our own module, a folder of our own
                [sys.executable, "-m", "oko.cabinet.appointments.scan_opener", folder, f"scan{ending}"],
                timeout=LONGEST_OPENING,
                capture_output=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0
