"""Personal blanks printed: pages a second and bytes a page, beside ReportLab's own floor in the same run.

Prints «Бланк ответов № 1» for so many participants, each page with two page codes and their text. The floor
is ReportLab writing as many pages that hold nothing but the same static form and one line of text. Memory
is the peak of processes that print 2,000 and 40,000 pages and do nothing else. Exit 1 below 350 pages
a second, above 3 kB a page, or when the larger print holds 10 MB more than the smaller.

    python benchmarks/print_blanks.py [--pages 10000]
"""

from __future__ import annotations

import argparse
import multiprocessing
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
FEW, MANY, MOST_GROWTH = 2_000, 40_000, 10  # pages, pages, MB
ROUNDS = 3


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    arguments.add_argument("--pages", type=int, default=10_000)
    pages = max(1, arguments.parse_args().pages)
    definition = load_definition(Path("answers-1.json"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "blanks.pdf"
        render(definition, people(200), out)  # warm
        took, floor = [], []
        for _ in range(ROUNDS):
            began = time.process_time()
            render(definition, people(pages), out)
            took.append(time.process_time() - began)
            began = time.process_time()
            bare_pages(pages, Path(folder) / "bare.pdf")
            floor.append(time.process_time() - began)
        size = out.stat().st_size / pages
    peaks = {count: peak_memory(count) for count in (FEW, MANY)}
    ours, bare = pages / min(took), pages / min(floor)
    print(f"ReportLab, form and a line of text:  {bare:8,.0f} pages a second of one core")
    print(f"Oko, two codes and personal text:    {ours:8,.0f} pages a second of one core")
    print(f"ratio of time: {bare / ours:.2f} (least of {ROUNDS} rounds); {size:,.0f} bytes a page")
    for count, peak in peaks.items():
        print(f"peak memory of a process that prints {count:6,} pages: {peak:6.1f} MB")
    flat = peaks[MANY] - peaks[FEW] <= MOST_GROWTH
    return 0 if ours >= FEWEST and size <= LARGEST and flat else 1


def peak_memory(pages: int) -> float:
    """The most that a process of its own holds while it prints, in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_print_and_tell, (pages,))


def _print_and_tell(pages: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        render(load_definition(Path("answers-1.json")), people(pages), Path(folder) / "blanks.pdf")
    return memory()


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
