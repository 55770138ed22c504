"""Reading a results protocol: bytes in; works, figures and findings out.

The layout and the paper are recognised by content. Nothing is guessed about a participant's result: a cell
that cannot be read is a finding, and its row counts no total.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from oko.engines.forms.codes import check_codes
from oko.engines.forms.columns import Columns, bind, cell_name
from oko.engines.forms.kinds import Finding, Kind, finding
from oko.engines.forms.layouts import Table, find_table, vocabulary
from oko.engines.forms.matching import Evidence, fits, gather, item_fit, recognise
from oko.engines.forms.names import NamesColumn, find_names
from oko.engines.forms.problems import Problem
from oko.engines.forms.report import findings_of, with_formulas
from oko.engines.forms.rows import Reading, RowReader
from oko.engines.forms.sheets import Sheet, read_sheets, source_bytes
from oko.engines.forms.unreadable import Reason, UnreadableProtocol
from oko.engines.forms.values import folded, key, text_of
from oko.engines.forms.works import Expected, Work
from oko.engines.papers import Paper, PapersError

TECHNICAL_SHEET = "oko"  # the hidden sheet by which our own form is known for certain


@dataclass(frozen=True, slots=True)
class ProtocolReading:
    """What a protocol holds.

    `paper` is what the file holds, None if that was not recognised; `rows` counts participants' rows,
    `present` those with status present, `sum_of_totals` their totals (X counts 0), `not_attempted` the X's.
    `names` lists the columns of names, which is no finding. `header_row` counts from 0 on sheet `sheet`.
    `logins` are the organisations' codes.
    """

    layout: str
    paper: str | None
    rows: int
    present: int
    sum_of_totals: int
    not_attempted: int
    findings: tuple[Finding, ...]
    works: tuple[Work, ...]
    sheet: str
    header_row: int
    logins: tuple[str, ...]
    names: tuple[NamesColumn, ...]

    @property
    def names_column(self) -> bool:
        return bool(self.names)

    def to_json(self) -> dict[str, object]:
        """The object that `oko protocol read --json` prints."""
        return {
            "layout": self.layout,
            "paper": self.paper,
            "rows": self.rows,
            "present": self.present,
            "sum_of_totals": self.sum_of_totals,
            "not_attempted": self.not_attempted,
            "names_column": self.names_column,
            "findings": [found.to_json() for found in self.findings],
        }


def read_protocol(
    source: bytes | Path,
    papers: Sequence[Paper],
    *,
    paper: str | None = None,
    expected: Expected | None = None,
) -> ProtocolReading:
    """Read and check a results protocol in any known layout (XLSX, ODS, XLS).

    `papers` are those it may be of; `paper`, the code of one of them, fixes which it must be. `expected` adds
    what the receiver knows: organisation, issued codes, printed variants, this year's layouts.

    Raises:
        UnreadableProtocol: the file cannot be read at all, with the reason and a Russian sentence.
        PapersError: `paper` is not among `papers`.
    """
    fixed = next((known for known in papers if known.code == paper), None)
    if paper is not None and fixed is None:
        known_codes = ", ".join(known.code for known in papers) or "ни одной"
        raise PapersError(f"Работы «{paper}» нет среди известных: {known_codes}.")
    sheets = read_sheets(source_bytes(source))
    mark = _technical_mark(sheets)
    candidates = _tables(sheets, mark.get("layout"))
    if not candidates:
        raise UnreadableProtocol(Reason.NOT_A_PROTOCOL, _seen(sheets))
    main, table = max(candidates, key=lambda candidate: (candidate[0].visible, len(candidate[1].headers)))
    others = [sheet for sheet, _ in candidates if sheet is not main and sheet.visible]
    return _ProtocolReader(sheets, main, table, others, papers, fixed, expected or Expected(), mark).read()


def _technical_mark(sheets: Sequence[Sheet]) -> dict[str, str]:
    """What our own form left on its hidden sheet: layout, paper, organisation."""
    for sheet in sheets:
        if sheet.name == TECHNICAL_SHEET and not sheet.visible:
            return {text_of(row[0]): text_of(row[1]) for row in sheet.rows if len(row) > 1}
    return {}


def _tables(sheets: Sequence[Sheet], layout_code: str | None) -> list[tuple[Sheet, Table]]:
    found = [(sheet, find_table(sheet.rows, layout_code)) for sheet in sheets]
    return [
        (sheet, table) for sheet, table in found if table is not None and len(sheet.rows) > table.row + 1
    ] or [(sheet, table) for sheet, table in found if table is not None]


def _seen(sheets: Sequence[Sheet]) -> str:
    """The first texts of the book, so that the sender sees which file it was."""
    texts = (text_of(cell) for sheet in sheets for row in sheet.rows[:5] for cell in row)
    shown = [text for text in texts if text][:4]
    return "первые ячейки: " + ", ".join(f"«{text[:30]}»" for text in shown) if shown else "листы пусты"


class _ProtocolReader:
    def __init__(
        self,
        sheets: Sequence[Sheet],
        main: Sheet,
        table: Table,
        others: Sequence[Sheet],
        papers: Sequence[Paper],
        fixed: Paper | None,
        expected: Expected,
        mark: dict[str, str],
    ) -> None:
        self.sheets, self.sheet, self.table, self.others = sheets, main, table, others
        self.papers, self.fixed, self.expected, self.mark = papers, fixed, expected, mark
        self.findings: list[Finding] = []

    def read(self) -> ProtocolReading:
        names = tuple(find_names(self.sheets, self.sheet, self.table))
        paper = self._paper()
        self._check_layout()
        self._check_other_tables()
        blank = ProtocolReading(
            layout=self.table.layout.code,
            paper=paper.code if paper else None,
            rows=self._rows_with_codes(),
            present=0,
            sum_of_totals=0,
            not_attempted=0,
            findings=tuple(self.findings),
            works=(),
            sheet=self.sheet.name,
            header_row=self.table.row,
            logins=(),
            names=names,
        )
        if paper is None or any(found.kind is Kind.ANOTHER_PAPER for found in self.findings):
            return blank
        return self._read_rows(paper, blank)

    def _report(self, kind: Kind, *, cell: str = "", found: str = "", expected: str = "") -> None:
        self.findings.append(finding(kind, cell=cell, found=found, expected=expected, sheet=self.sheet.name))

    # ------------------------------------------------------------------------------- the file as a whole

    def _paper(self) -> Paper | None:
        """The paper that the file holds; a finding if it is not the one asked for, or not known."""
        evidence = gather(self.table, self.sheet.rows)
        best = self._marked() or recognise(self.table, self.sheet.rows, self.papers, evidence)
        if self.fixed is not None:
            return self._against_fixed(self.fixed, best, evidence)
        if len(best) == 1:
            return best[0]
        found = self._items_seen() if not best else "подходят " + ", ".join(paper.code for paper in best)
        known = "одна из работ: " + "; ".join(f"{paper.code} ({paper.title})" for paper in self.papers)
        self._report(Kind.PAPER_NOT_RECOGNISED, cell=self._header_cell(), found=found, expected=known)
        return None

    def _marked(self) -> list[Paper]:
        """The paper that our own form names on its hidden sheet, if its items agree."""
        evidence = Evidence(None, "", None)
        return [
            paper
            for paper in self.papers
            if paper.code == self.mark.get("paper") and fits(self.table, paper, evidence)
        ]

    def _against_fixed(self, fixed: Paper, best: list[Paper], evidence: Evidence) -> Paper | None:
        if fixed in best:
            return fixed
        if fits(self.table, fixed, evidence) and not self._clearly_another(fixed, best, evidence):
            return fixed
        found = best[0].title if best else self._items_seen()
        self._report(Kind.ANOTHER_PAPER, cell=self._header_cell(), found=found, expected=fixed.title)
        return best[0] if best else None

    def _clearly_another(self, fixed: Paper, best: list[Paper], evidence: Evidence) -> bool:
        """Whether marks, items or the title speak for another paper, and not only guesses at codes and
        scores.
        """
        if self._marked() or any(folded(paper.subject) in evidence.title for paper in best):
            return True
        return any(item_fit(self.table, paper) > item_fit(self.table, fixed) + 1 for paper in best)

    def _items_seen(self) -> str:
        return "задания " + ", ".join(header.text for header in self.table.items)

    def _header_cell(self) -> str:
        first = self.table.items[0].column if self.table.items else 0
        return cell_name(self.table.row, first)

    def _check_layout(self) -> None:
        accepted = self.expected.layouts
        if accepted is not None and self.table.layout.code not in accepted:
            layouts = (vocabulary().layout(code) for code in sorted(accepted))
            titles = ", ".join(layout.title for layout in layouts if layout)
            self._report(Kind.OLD_LAYOUT, found=self.table.layout.title, expected=titles)

    def _check_other_tables(self) -> None:
        for sheet in self.others:
            self._report(Kind.SEVERAL_TABLES, found=sheet.name, expected="одна таблица на одном листе")

    def _rows_with_codes(self) -> int:
        """Participants' rows of a table whose paper is not known: those with something under the code's
        header.
        """
        column = self.table.column("participant")
        body = self.sheet.rows[self.table.row + 1 :]
        return 0 if column is None else sum(bool(text_of(row[column])) for row in body)

    # ------------------------------------------------------------------------------------------- rows

    def _read_rows(self, paper: Paper, blank: ProtocolReading) -> ProtocolReading:
        columns = bind(self.table, self.sheet.rows, paper, self.sheet.name)
        variants = frozenset(paper.variants) if self.expected.variants is None else self.expected.variants
        reading = RowReader(self.sheet, self.table, columns, paper, variants).read()
        logins = self._logins(columns, reading)
        problems = list(self._problems(reading, columns, paper, logins))
        allowed = self.table.layout.formula_allowed
        problems = with_formulas(problems, self.sheet, columns, reading.rows, allowed)
        self.findings += columns.findings
        self.findings += findings_of(problems, self.sheet, len(reading.works))
        self._check_declared(reading.works)
        present = [work for work in reading.works if work.status == "present"]
        return replace(
            blank,
            rows=len(reading.works),
            present=len(present),
            sum_of_totals=sum(work.total or 0 for work in present),
            not_attempted=reading.not_attempted,
            findings=tuple(self.findings),
            works=tuple(reading.works),
            logins=tuple(sorted({login for login in logins if login})),
        )

    def _problems(
        self, reading: Reading, columns: Columns, paper: Paper, logins: list[str]
    ) -> Iterator[Problem]:
        if not reading.works:
            column = columns["participant"] or 0
            yield Problem(
                self.table.row, column, Kind.NO_PARTICIPANTS, "хотя бы одна строка участника", found=""
            )
            return
        yield from self._filled(reading, columns)
        shifted = {problem.row for problem in reading.problems if problem.kind is Kind.SHIFTED_COLUMNS}
        issued = self.expected.codes
        yield from (
            found for found in check_codes(reading, columns, paper, issued) if found.row not in shifted
        )
        yield from self._foreign_logins(reading, columns, logins)

    def _filled(self, reading: Reading, columns: Columns) -> list[Problem]:
        """The rows' own problems, or the only one there is if nothing was filled in yet."""
        untouched = all(
            work.variant_1 is None and work.status == "present" and not any(work.scores.values())
            for work in reading.works
        )
        column = columns["variant_1"]
        watched = [place for place in [column, *columns.items] if place is not None]
        if untouched and column is not None and not self._any_text(reading.rows, watched):
            expected = "вариант и баллы каждого участника"
            return [Problem(reading.rows[0], column, Kind.NOT_FILLED_IN, expected)]
        return reading.problems

    def _any_text(self, rows: Sequence[int], columns: Sequence[int]) -> bool:
        return any(text_of(self.sheet.rows[row][column]) for row in rows for column in columns)

    # ---------------------------------------------------------------------------------- whose protocol

    def _logins(self, columns: Columns, reading: Reading) -> list[str]:
        """The organisation's code in each row, `sch` and `edu` being one prefix; «» where there is none.

        Ф1 may name the organisation instead of giving its code.
        """
        column = columns["login"] if columns["login"] is not None else columns["organisation"]
        if column is None:
            return [self.mark.get("organisation", "")] * len(reading.works)
        own = organisation_code(self.expected.organisation or "")
        titles = {key(title) for title in self.expected.organisation_titles if own and title}
        written = [text_of(self.sheet.rows[row][column]) for row in reading.rows]
        return [own if titles and key(text) in titles else organisation_code(text) for text in written]

    def _foreign_logins(self, reading: Reading, columns: Columns, logins: list[str]) -> Iterator[Problem]:
        told = Counter(login for login in logins if login)
        if not told:
            return
        own = organisation_code(self.expected.organisation or "") or told.most_common(1)[0][0]
        column = columns["login"] if columns["login"] is not None else columns["organisation"]
        if own not in told:
            row, place = (-1, 0) if column is None else (reading.rows[0], column)
            yield Problem(row, place, Kind.ANOTHER_SCHOOL, own, found=told.most_common(1)[0][0])
        elif column is not None:
            for row, login in zip(reading.rows, logins, strict=True):
                if login and login != own:
                    yield Problem(row, column, Kind.ANOTHER_SCHOOL, own)

    def _check_declared(self, works: Sequence[Work]) -> None:
        """Ф1 declares the number of participants above its table; a code used twice is told elsewhere."""
        participants = len({work.participant for work in works if work.participant})
        for number, row in enumerate(self.sheet.rows[: self.table.row]):
            for column, cell in enumerate(row):
                match = _DECLARED.search(folded(cell)) if isinstance(cell, str) else None
                if match and int(match[1]) not in (participants, len(works)):
                    self._report(
                        Kind.PARTICIPANTS_DECLARED,
                        cell=cell_name(number, column),
                        found=match[1],
                        expected=f"{participants}: столько строк в таблице",
                    )


_DECLARED = re.compile(folded("кол") + r"[\w-]* " + folded("участников") + r" ?: ?(\d{1,6})")
_LOGIN = re.compile(r"(?:sch|edu)(\d{6,7})", re.IGNORECASE)


@lru_cache(maxsize=4096)
def organisation_code(login: str) -> str:
    """The organisation's code in a login: «sch641007» and «EDU641007» are `edu641007`; other texts as they
    are.
    """
    match = _LOGIN.fullmatch(login.strip())
    return f"edu{match[1]}" if match else login.strip()
