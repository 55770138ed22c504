"""Opens one scan in a process of its own: what hangs or breaks on a hostile file is only that process.

Run as `python -m oko.cabinet.appointments.scan_opener FOLDER NAME`; ends with 0 where the file can be shown.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typst

MOST_MEMORY = 3 * 1024**3
PAGE = '#set page(width: 50pt, height: 50pt, margin: 0pt)\n#image("{name}", width: 50pt)'


def opens(folder: Path, name: str) -> bool:
    """Whether the picture, or the first page of the PDF, can be drawn."""
    page = folder / "page.typ"
    page.write_text(PAGE.format(name=name))
    try:
        typst.compile(str(page), root=str(folder), format="png", ppi=20)
    except RuntimeError:
        return False
    return True


def _bound_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    _bound_memory()
    sys.exit(0 if opens(Path(sys.argv[1]), sys.argv[2]) else 1)
