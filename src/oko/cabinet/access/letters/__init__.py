"""Paper: sealed letters with codes, and the list of codes that is handed over apart from links (Typst)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

import typst
from django.utils.translation import gettext as _

from oko.cabinet.access.codes import grouped
from oko.cabinet.access.issuing import Issued
from oko.cabinet.access.pictures import qr_svg


def letters(issued: Sequence[Issued], address: str) -> bytes:
    """One A4 page each, the address in the window of a DL or C5 envelope; then the sheet of signatures."""
    return _typeset("letter.typ", issued, address)


def code_list(issued: Sequence[Issued], address: str) -> bytes:
    """Codes without links and logins, to be cut into strips and handed over; as PDF."""
    return _typeset("codes.typ", issued, address)


def _typeset(template: str, issued: Sequence[Issued], address: str) -> bytes:
    source = (resources.files(__package__) / template).read_bytes()
    data = {"address": address, "qr": qr_svg(address), "people": [_row(one) for one in issued]}
    fonts = typst.Fonts(include_system_fonts=False)  # the same letters on every machine
    compiler = typst.Compiler(source, font_paths=fonts, sys_inputs={"data": json.dumps(data)})
    made = compiler.compile(format="pdf", pdf_standards=["1.7"])
    assert isinstance(made, bytes)  # noqa: S101  # a PDF is one piece
    return made


def _row(one: Issued) -> dict[str, Any]:
    return {
        "name": one.account.full_name,
        "role": one.role,
        "organisation": one.organisation.name,
        "short": one.organisation.short_name,
        "place": one.organisation.delivery_address or _("адрес доставки не указан"),
        "login": one.account.username,
        "code": grouped(one.code),
        "until": f"{one.expires_at:%d.%m.%Y}",
    }
