"""Pictures that a definition of a foreign sheet names: found, or told when they are none."""

from __future__ import annotations

from pathlib import Path

from oko.engines.blanks.definition import Definition
from oko.engines.blanks.foreign import MarkAnchors

MOST_PIXELS = 120_000_000  # A3 at 600 dpi takes 70 million
LEAST_SIDE = 8
_PAGE = "{page}"


def with_pictures(definition: Definition, folder: Path) -> tuple[Definition, list[str]]:
    """The definition with paths of its pictures made absolute, and what is wrong with them, in Russian."""
    foreign = definition.foreign
    if foreign is None:
        return definition, []
    faults: list[str] = []
    changes: dict[str, object] = {}
    if foreign.image is not None:
        whole = str(folder.resolve() / foreign.image)
        for number in range(1, len(definition.pages) + 1):
            faults += _faults("foreign.image", Path(whole.replace(_PAGE, str(number))))
            if _PAGE not in whole:
                break
        changes["image"] = whole
    if isinstance(foreign.anchors, MarkAnchors):
        marks = []
        for number, mark in enumerate(foreign.anchors.marks, start=1):
            if mark.path is not None:
                path = folder.resolve() / mark.path
                faults += _faults(f"foreign.anchors.marks[{number}].path", path)
                mark = mark.model_copy(update={"path": str(path)})
            marks.append(mark)
        changes["anchors"] = foreign.anchors.model_copy(update={"marks": tuple(marks)})
    return definition.model_copy(update={"foreign": foreign.model_copy(update=changes)}), faults


def _faults(key: str, path: Path) -> list[str]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, Image.DecompressionBombError):
        return [f"{key}: «{path.name}» — не снимок, который читается (PNG или JPEG)."]
    except (OSError, ValueError):
        return [f"{key}: снимка «{path.name}» нет рядом с описанием («{path.parent}»)."]
    if min(width, height) < LEAST_SIDE or width * height > MOST_PIXELS:
        return [f"{key}: у снимка «{path.name}» неподходящий размер, {width} × {height} точек."]
    return []
