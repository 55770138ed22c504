"""Foreign ids for the addresses of reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_PLACE: dict[str, Callable[[Any], Any]] = {"paper": lambda world: "mat4", "code": lambda world: "edu650005"}

ADDRESSES: dict[str, dict[str, Callable[[Any], Any]]] = {
    "report-marks": _PLACE,
    "report-items": _PLACE,
    "report-workbook": _PLACE,
    "report-behind": _PLACE,
    "report-received": {"paper": lambda world: "geo9"},
}
