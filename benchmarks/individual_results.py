"""Ф1 «Индивидуальные результаты»: rows a second, beside XlsxWriter's bare writing of as many cells.

Timed of Ф1: works of a region opened in Parquet, filtered, sorted by school, class and code, written as XLSX
(`write_f1`). The floor writes the same rectangle from memory, row by row with the same options: texts where
Ф1 has texts, numbers where it has numbers. They take turns, the shortest of each counts. Exit 1 above the
bound.

    python benchmarks/individual_results.py [--quick]
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from oko.engines.papers import load_papers
from oko.engines.statistics.f1 import write_f1
from oko.engines.statistics.works import open_works
from report_directions import by_turns
from simulated_country import ASSESSMENT, write_region

BOUND = 1.5
WORKS, QUICK_WORKS = 34_000, 3_400
TURNS = 3
PAPER = load_papers()[0]  # of 20 items


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the works")
    size = QUICK_WORKS if options.parse_args().quick else WORKS
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_region((root, PAPER, "01", size, 1))
        return measure(root)


def measure(root: Path) -> int:
    cells = cells_of(form(root))
    rows = len(cells) - 7  # the head of the form
    written = sum(value is not None for row in cells for value in row)
    floor, ours = by_turns(TURNS, lambda: bare(cells), lambda: form(root))
    print(f"{rows:,} participants × {len(cells[-1])} columns, {written:,} cells")
    print(f"XlsxWriter, bare writing: {floor:.2f} s, {rows / floor:,.0f} rows a second")
    print(f"Oko, Ф1 from Parquet:     {ours:.2f} s, {rows / ours:,.0f} rows a second")
    print(f"ratio {ours / floor:.2f} (at most {BOUND})")
    return int(ours / floor > BOUND)


def form(root: Path) -> bytes:
    file = io.BytesIO()
    with open_works(root, ASSESSMENT, PAPER) as works:
        write_f1(works, PAPER, year=2026, day="апрель", place_title="Регион 01", file=file)
    return file.getvalue()


def cells_of(content: bytes) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    return list(sheet.iter_rows(values_only=True))


def bare(cells: list[tuple[Any, ...]]) -> bytes:
    """The floor."""
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        write_string, write_number = sheet.write_string, sheet.write_number
        for line, row in enumerate(cells):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    write_string(line, column, value)
                elif value is not None:
                    write_number(line, column, value)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
