"""Participant codes of a whole protocol: used once, of this grade, issued to this organisation and class."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from oko.engines.forms.columns import Columns
from oko.engines.forms.kinds import Kind
from oko.engines.forms.problems import Problem
from oko.engines.forms.rows import Reading
from oko.engines.forms.values import Defect, grade_of, read_class
from oko.engines.papers import Paper


def check_codes(
    reading: Reading, columns: Columns, paper: Paper, issued: Mapping[str, str] | None
) -> Iterator[Problem]:
    """Problems with the codes; `issued` maps each code to the label of its class."""
    column = columns["participant"]
    if column is None:
        return
    codes = [work.participant for work in reading.works]
    twice = set(wrong_repeats(codes))
    for place in sorted(twice):
        yield Problem(
            reading.rows[place], column, Kind.CODE_TWICE, "код, который в протоколе встречается один раз"
        )
    foreign = set(_of_another_grade(codes, paper)) if issued is None else set()
    for place in sorted(foreign - twice):
        expected = f"код, который начинается с цифры {paper.grade}"
        yield Problem(reading.rows[place], column, Kind.CODE_OF_ANOTHER_GRADE, expected)
    if issued is not None:
        yield from _against_issued(reading, columns, column, issued, twice)


def wrong_repeats(codes: Sequence[str]) -> list[int]:
    """Of the rows that share a code, those that do not stand in its place.

    Codes are issued in order, so the right row goes on with the run around it and the wrong one breaks it;
    where both or neither do, the later row is named.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, code in enumerate(codes):
        if code:
            places[code].append(place)
    wrong: list[int] = []
    for shared in places.values():
        if len(shared) > 1:
            keeper = max(shared, key=lambda place: (_fit(codes, place), -place))
            wrong += [place for place in shared if place != keeper]
    return wrong


NEIGHBOURS = 3  # rows above and below that tell which run of codes a row is in


def _fit(codes: Sequence[str], place: int) -> tuple[int, int]:
    """How well a code sits where it stands: neighbours in one run with it, then steps down beside it."""
    own = int(codes[place])
    around = range(max(0, place - NEIGHBOURS), min(len(codes), place + NEIGHBOURS + 1))
    others = [(other - place, int(codes[other]) - own) for other in around if other != place and codes[other]]
    in_run = sum(rows == steps for rows, steps in others)
    downward = sum(rows * steps <= 0 for rows, steps in others if abs(rows) == 1)
    return in_run, -downward


LAST_ONE_DIGIT_GRADE = 9


def _of_another_grade(codes: Sequence[str], paper: Paper) -> list[int]:
    """Rows whose code begins with another digit than the grade, where the rest begin with it."""
    if paper.grade > LAST_ONE_DIGIT_GRADE:
        return []
    digits = Counter(code[0] for code in codes if code)
    own = str(paper.grade)
    if 2 * digits[own] <= digits.total():
        return []
    return [place for place, code in enumerate(codes) if code and code[0] != own]


MOST_NAMED = 5


def _against_issued(
    reading: Reading, columns: Columns, column: int, issued: Mapping[str, str], twice: set[int]
) -> Iterator[Problem]:
    for place, work in enumerate(reading.works):
        if place in twice or not work.participant:
            continue
        row = reading.rows[place]
        if work.participant not in issued:
            yield Problem(row, column, Kind.CODE_NOT_ISSUED, "код с листа кодов вашей организации")
        elif _another_class(work.class_label, issued[work.participant]) and columns["class"] is not None:
            expected = f"класс {issued[work.participant]}"
            yield Problem(row, columns["class"], Kind.CODE_OF_ANOTHER_CLASS, expected)
    written = {work.participant for work in reading.works}
    missing = [code for code in issued if code not in written]
    if missing and reading.works:
        named = ", ".join(missing[:MOST_NAMED]) + ("…" if len(missing) > MOST_NAMED else "")
        expected = f"строка для каждого из {len(issued)} выданных кодов"
        found = f"нет {len(missing)}: {named}"
        yield Problem(-1, column, Kind.ISSUED_CODE_MISSING, expected, found=found)


def _another_class(written: str, issued: str) -> bool:
    label = read_class(issued)
    known = grade_of(written) is not None and not isinstance(label, Defect)
    return known and written != label
