"""What may be published as a document: judged by the content of the file, never by its name alone."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_BYTES = 20 * 1024 * 1024

#: The type under which each kind of file is given out again.
CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
ALLOWED = "PDF, DOCX, XLSX, ODT, ODS, PNG, JPG"


def content_type(filename: str) -> str:
    return CONTENT_TYPES.get(PurePath(filename).suffix.lower(), "application/octet-stream")


def safe_filename(name: str) -> str:
    """The last part of the name, without control characters, at most 200 characters with its ending."""
    clean = "".join(c for c in PurePath(name.replace("\\", "/")).name if c.isprintable()) or "document"
    suffix = PurePath(clean).suffix[:10]
    return clean if len(clean) <= 200 else clean[: 200 - len(suffix)] + suffix


def check_document(filename: str, content: bytes) -> None:
    """Raises ValidationError, in words, where the file may not be published."""
    suffix = PurePath(filename).suffix.lower()
    if not content:
        raise ValidationError(_("Файл пуст."))
    if len(content) > MAX_BYTES:
        raise ValidationError(_("Файл больше 20 МБ. Сожмите его или разделите на части."))
    if suffix not in CONTENT_TYPES:
        raise ValidationError(
            _("Такие файлы не публикуются (%(found)s). Можно: %(allowed)s.")
            % {"found": suffix or _("без расширения"), "allowed": ALLOWED}
        )
    if CONTENT_TYPES[suffix] != kind_of(content):
        raise ValidationError(
            _("Содержимое файла не соответствует расширению %s. Сохраните документ заново.") % suffix
        )


def kind_of(content: bytes) -> str | None:
    """The content type told by the first bytes, and inside an office file by its parts; None for any
    other.
    """
    if content.startswith(b"%PDF-"):
        return CONTENT_TYPES[".pdf"]
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return CONTENT_TYPES[".png"]
    if content.startswith(b"\xff\xd8\xff"):
        return CONTENT_TYPES[".jpg"]
    return _office_kind(content) if content.startswith(b"PK\x03\x04") else None


def _office_kind(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            if "word/document.xml" in names:
                return CONTENT_TYPES[".docx"]
            if "xl/workbook.xml" in names:
                return CONTENT_TYPES[".xlsx"]
            if "mimetype" in names:
                with archive.open("mimetype") as part:
                    said = part.read(100).decode("ascii", "replace").strip()
                return said if said in (CONTENT_TYPES[".odt"], CONTENT_TYPES[".ods"]) else None
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError):
        return None
    return None
