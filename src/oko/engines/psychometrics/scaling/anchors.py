"""Known parameters of items, from JSON: what `oko scale fit --json` printed, or a list of items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from oko.engines.psychometrics.scaling.calibration import Anchor, CalibrationError


def read_anchors(path: Path) -> dict[str, Anchor]:
    """Items with `item`, `slope` (1 when it is missing) and `intercepts` or `steps`.

    Raises:
        CalibrationError: the file cannot be read or an item lacks its parameters.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CalibrationError(f"Якоря «{path}» не открываются: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CalibrationError(f"Якоря «{path}» — не JSON: {error}.") from error
    items = content.get("items") if isinstance(content, dict) else content
    if not isinstance(items, list) or not items:
        raise CalibrationError(f"Якоря «{path.name}»: нужен список заданий или ключ items со списком.")
    return dict(_anchor(item, number, path.name) for number, item in enumerate(items, start=1))


def _anchor(item: Any, number: int, source: str) -> tuple[str, Anchor]:
    try:
        slope = float(item.get("slope", 1.0))
        if "intercepts" in item:
            intercepts = [float(value) for value in item["intercepts"]]
        else:
            intercepts = []
            for step in item["steps"]:
                intercepts.append((intercepts[-1] if intercepts else 0.0) - slope * float(step))
        name = str(item["item"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CalibrationError(
            f"Якоря «{source}», задание {number}: нужны item, slope и intercepts или steps числами."
        ) from error
    return name, Anchor(slope, tuple(intercepts))
