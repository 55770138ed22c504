"""Protocols for the tests: the sample files, and a way to spoil one cell or one column of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from oko.engines.forms import ProtocolReading, read_protocol
from oko.engines.papers import Paper, load_papers

SAMPLES = Path(__file__).parents[2] / "data" / "protocols"
OLD_FORMAT = Path(__file__).parents[2] / "data" / "protocols-xls"
LIBREOFFICE = Path(__file__).parents[2] / "data" / "protocols-libreoffice"  # our own form, saved again there

Spoil = Callable[[Worksheet], Any]


@pytest.fixture(scope="session")
def papers() -> tuple[Paper, ...]:
    return load_papers()


@pytest.fixture(scope="session")
def mat5(papers: tuple[Paper, ...]) -> Paper:
    return next(paper for paper in papers if paper.code == "mat5")


@pytest.fixture(scope="session")
def rus4(papers: tuple[Paper, ...]) -> Paper:
    return next(paper for paper in papers if paper.code == "rus4")


def spoiled(sample: str, spoil: Spoil) -> bytes:
    """The bytes of a sample after one change to its sheet."""
    book = openpyxl.load_workbook(SAMPLES / sample)
    spoil(book.worksheets[0])
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read_spoiled(sample: str, spoil: Spoil, **asked: Any) -> ProtocolReading:
    return read_protocol(spoiled(sample, spoil), load_papers(), **asked)


def found(reading: ProtocolReading) -> list[tuple[str, str]]:
    return [(finding.cell, finding.kind.value) for finding in reading.findings]
