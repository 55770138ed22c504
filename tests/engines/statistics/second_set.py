"""A second hand-made set: marks of the class register, planned results of several items, groups of marks.

    item  maximum  level  planned result
    1     2        Б      Состав слова
    2     1        Б      Состав слова
    3     2        П      Текст
    4     1        Б      толковать (it has no area: its skill)

Totals 0–1 are a «2», 2–3 a «3», 4 a «4», 5–6 a «5». Region 77 has one municipality, 77-1, with the schools C
and D; region 78 has 78-1 with the school E.

School C, 24 works:
    twelve 1+0+1+1 (total 3, mark 3); the register says 3 of ten of them and 4 of two
    ten    2+1+2+1 (total 6, mark 5); the register says 5 of eight and 3 of two
    two    X+0+0+1 (total 1, mark 2); the register says 4 of one and nothing of the other
School D, 12 works:
    ten    1+0+N+0 (total 1, mark 2); the register says 2 of five and 3 of five
    two    1+0+2+1 (total 4, mark 4); the register says 4 of one and 5 of the other
School E, 11 works:
    nine   1+1+1+0 (total 3, mark 3); the register says 3
    one missed the second part, with 1 for item 1; one was absent; the register says 3 of both

Marks beside the register's       both  lowered  confirmed  raised  by 2 and more
    C                             23    2+1      10+8       2       2+1
    D                             12    5+1      5+1        0       0
    77-1 = 77                     35    9        24         2       3
    E                             9     0        9          0       0
    country                       44    9        33         2       3

Totals         1    3    4    6    all
    C          2    12   0    10   24
    D          10   0    2    0    12
    77         12   12   2    10   36
    E          0    9    0    0    9
    country    12   21   2    10   45

Items, Σ of counted·maximum    1          2        3        4        Состав слова (1 and 2)
    C                          32 of 48   10 of 24 32 of 48 24 of 24 42 of 72
    D                          12 of 24   0 of 12  4 of 4   2 of 12  12 of 36
    77                         44 of 72   10 of 36 36 of 52 26 of 36 54 of 108
    E                          10 of 20   9 of 9   9 of 18  0 of 9   (nine have item 2)
    country                    54 of 92   19 of 45 45 of 70 26 of 45 73 of 137

Items by mark                  1          2        3        4
    C, «2»: 2 works
    C, «3»: 12                 12 of 24   0 of 12  12 of 24 12 of 12
    C, «5»: 10                 20 of 20   10 of 10 20 of 20 10 of 10
    D, «2»: 10                 10 of 20   0 of 10  nobody   0 of 10
    77, «2»: 12                10 of 24   0 of 12  0 of 4   2 of 12   (item 3: two works)
    country, «3»: 21           21 of 42   9 of 21  21 of 42 12 of 21
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from oko.engines.papers import Item, Paper
from oko.engines.statistics.levels import Group
from oko.engines.statistics.works import open_works, write_works

ASSESSMENT = "vpr-2026"
PAPER = Paper(
    code="two4",
    subject="Вторая проба",
    grade=4,
    items=(
        Item("1", 2, "Б", "искать корень", "Состав слова"),
        Item("2", 1, "Б", "искать суффикс", "Состав слова"),
        Item("3", 2, "П", "делить на части", "Текст"),
        Item("4", 1, "Б", "толковать"),
    ),
    scale=(2, 4, 5),
    parts=2,
)
COUNTRY = Group()
REGION = Group("77")
MUNICIPALITY = Group("77", "77-1")
SCHOOL_C = Group("77", "77-1", "C")
SCHOOL_D = Group("77", "77-1", "D")
SCHOOL_E = Group("78", "78-1", "E")

Scores = Sequence[int | None]


def work(
    school: Group, participant: int, scores: Scores, prior_mark: int | None, status: str = "present"
) -> dict[str, Any]:
    """One row; −1 is X, None is N or a part that was missed. Only whole works have a total and a mark."""
    total = sum(max(score or 0, 0) for score in scores) if status == "present" else None
    return {
        "region": school.region,
        "school": school.school,
        "municipality": school.municipality,
        "supervisor": school.municipality,
        "class": "4А",
        "participant": str(40000 + participant),
        "variant_1": 1,
        "variant_2": 2,
        "sex": "ж",
        "prior_mark": prior_mark,
        "status": status,
        **dict(zip((item.code for item in PAPER.items), scores, strict=True)),
        "total": total,
        "mark": None if total is None else PAPER.mark(total),
    }


def second_works() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def wrote(school: Group, scores: Scores, *prior_marks: int | None, status: str = "present") -> None:
        numbered = enumerate(prior_marks, start=len(rows))
        rows.extend(work(school, number, scores, prior, status) for number, prior in numbered)

    wrote(SCHOOL_C, (1, 0, 1, 1), *[3] * 10, 4, 4)
    wrote(SCHOOL_C, (2, 1, 2, 1), *[5] * 8, 3, 3)
    wrote(SCHOOL_C, (-1, 0, 0, 1), 4, None)
    wrote(SCHOOL_D, (1, 0, None, 0), *[2] * 5, *[3] * 5)
    wrote(SCHOOL_D, (1, 0, 2, 1), 4, 5)
    wrote(SCHOOL_E, (1, 1, 1, 0), *[3] * 9)
    wrote(SCHOOL_E, (1, None, None, None), 3, status="partial")
    wrote(SCHOOL_E, (None, None, None, None), 3, status="absent")
    return rows


@contextmanager
def opened(folder: Path, rows: Sequence[dict[str, Any]]) -> Iterator[ir.Table]:
    """Write works, each into its region, and open them all."""
    write_second(folder, rows)
    with open_works(folder, ASSESSMENT, PAPER) as works:
        yield works


def write_second(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    for region in {row["region"] for row in rows}:
        own = [
            {name: row[name] for name in row if name != "region"} for row in rows if row["region"] == region
        ]
        write_works(folder, ASSESSMENT, PAPER, region, own)
