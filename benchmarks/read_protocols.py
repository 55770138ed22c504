"""Reading and checking 1,000 protocols of 70 participants × 20 items, beside calamine's bare reading of the
same files.

The two are timed file by file, turn by turn, so that a busy machine slows both alike. Exit 1 above the bound.

    python benchmarks/read_protocols.py
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import xlsxwriter
from python_calamine import CalamineWorkbook

from oko.engines.forms import Work, read_protocol
from oko.engines.forms.build import build_protocol
from oko.engines.papers import Paper, load_papers

PROTOCOLS, DISTINCT, PARTICIPANTS = 1_000, 50, 70
BOUND = 3.0
PAPER_CODE = "rus4"  # twenty items


def main() -> int:
    paper = next(paper for paper in load_papers() if paper.code == PAPER_CODE)
    with tempfile.TemporaryDirectory() as folder:
        files = list(write_protocols(Path(folder), paper))
        bare, whole, clean = race(files)
    ratio = whole / bare
    print(
        f"{PROTOCOLS} protocols ({DISTINCT} distinct), {PARTICIPANTS} participants × {len(paper.items)} items"
    )
    print(f"calamine, bare reading   {bare:6.2f} s   {PROTOCOLS / bare:6.0f} protocols/s")
    print(f"oko, reading and check   {whole:6.2f} s   {PROTOCOLS / whole:6.0f} protocols/s   ({clean} clean)")
    print(f"ratio {ratio:.2f} (at most {BOUND:g})")
    return int(ratio > BOUND)


def race(files: list[Path]) -> tuple[float, float, int]:
    """Seconds of bare reading, seconds of reading with the check, and how many protocols had no finding."""
    papers = load_papers()
    bare = whole = 0.0
    clean = 0
    for path in islice(cycle(files), PROTOCOLS):
        started = perf_counter()
        with CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                book.get_sheet_by_name(name).to_python()
        between = perf_counter()
        clean += not read_protocol(path, papers).findings
        whole += perf_counter() - between
        bare += between - started
    return bare, whole, clean


def write_protocols(folder: Path, paper: Paper) -> Iterator[Path]:
    """Distinct files in three layouts: our own, the one of recent years, the one of 2020."""
    chance = random.Random(20)
    for number in range(DISTINCT):
        works = [random_work(chance, paper, 40_001 + place) for place in range(PARTICIPANTS)]
        write = (write_own, write_recent, write_2020)[number % 3]
        path = folder / f"{number}.xlsx"
        path.write_bytes(write(paper, works))
        yield path


def random_work(chance: random.Random, paper: Paper, code: int) -> Work:
    variant = chance.choice(paper.variants)
    scores: dict[str, int | None] = {
        item.code: chance.choice([-1, *range(item.maximum + 1)]) for item in paper.items
    }
    total = sum(score for score in scores.values() if score and score > 0)
    mark = paper.mark(total)
    sex, prior_mark = chance.choice("мж"), chance.randint(2, 5)
    return Work(str(code), "4А", variant, variant, sex, prior_mark, "present", scores, total, mark)


def write_own(paper: Paper, works: list[Work]) -> bytes:
    return build_protocol(
        paper,
        organisation_code="edu641007",
        organisation_name="Школа № 7",
        participants=[(work.participant, work.class_label, 1) for work in works],
        assessment_title="Проверочная работа",
        deadline_text="Срок: 21.04.2026, 18:00",
        works=works,
    )


def write_recent(paper: Paper, works: list[Work]) -> bytes:
    header = ["Код участника", "Вариант (часть 1)", "Вариант (часть 2)"]
    header += [f"{item.code} ({item.maximum})" for item in paper.items]
    header += [
        "Порядковый номер класса",
        "Пол",
        "Отметка за предыдущий триместр/четверть/полугодие",
        "Итого баллов",
    ]
    rows = [
        [int(w.participant), w.variant_1, w.variant_2, *shown(w), 1, w.sex, w.prior_mark, w.total]
        for w in works
    ]
    return plain_book([header, *rows])


def write_2020(paper: Paper, works: list[Work]) -> bytes:
    header = ["user", "klass", "code", "gender", "otc", "var-1", "var-2"]
    header += [f"a-{place}-grade" for place in range(1, len(paper.items) + 1)] + ["Учебник", "sum"]
    rows = [
        [
            "edu641007",
            "4А",
            w.participant,
            w.sex,
            w.prior_mark,
            w.variant_1,
            w.variant_2,
            *shown(w),
            "",
            w.total,
        ]
        for w in works
    ]
    return plain_book([header, *rows])


def shown(work: Work) -> list[int | str]:
    return ["X" if score == -1 else score or 0 for score in work.scores.values()]


def plain_book(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
