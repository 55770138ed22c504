"""Personal blanks printed: pages a second and bytes a page, beside ReportLab's own floor in the same run.

Prints «Бланк ответов № 1» for so many participants, each page with two page codes and their text. The floor
is ReportLab writing as many pages that hold nothing but the same static form and one line of text. Exit 1
below 350 pages a second or above 3 kB a page.

    python benchmarks/print_blanks.py [--pages 10000]
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from oko.engines.blanks.definition import load_definition
from oko.engines.blanks.layout import place
from oko.engines.blanks.printing import draw_static, register_fonts, render

FEWEST, LARGEST = 350, 3_000  # pages a second of CPU, bytes a page


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    arguments.add_argument("--pages", type=int, default=10_000)
    pages = max(1, arguments.parse_args().pages)
    definition = load_definition(Path("answers-1.json"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "blanks.pdf"
        render(definition, people(200), out)  # warm
        before, began = memory(), time.process_time()
        render(definition, people(pages), out)
        took, size = time.process_time() - began, out.stat().st_size / pages
        grown = memory() - before
        began = time.process_time()
        bare_pages(pages, Path(folder) / "bare.pdf")
        floor = time.process_time() - began
    print(f"ReportLab, form and a line of text:  {pages / floor:8,.0f} pages a second of one core")
    print(f"Oko, two codes and personal text:    {pages / took:8,.0f} pages a second of one core")
    print(f"ratio of time: {took / floor:.2f}; {size:,.0f} bytes a page; memory grew by {grown:,.0f} MB")
    return 0 if pages / took >= FEWEST and size <= LARGEST else 1


def people(count: int) -> Iterator[dict[str, str]]:
    for number in range(count):
        yield {
            "assessment": "vpr-2026",
            "organisation": f"edu64{number // 40:04}",
            "participant": str(40001 + number % 40),
        }


def bare_pages(count: int, out: Path) -> None:
    register_fonts()
    definition = load_definition(Path("answers-1.json"))
    canvas = Canvas(str(out), pageCompression=1, invariant=1)
    canvas.beginForm("static")
    draw_static(canvas, place(definition)[0], definition.pages[0])
    canvas.endForm()
    for number in range(count):
        canvas.doForm("static")
        canvas.drawString(100, 100, str(number))
        canvas.showPage()
    canvas.save()


def memory() -> float:
    """The most that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
