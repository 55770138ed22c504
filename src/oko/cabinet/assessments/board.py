"""The board: who has done which step. Regions, those who supervise, or schools as rows; steps as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.assessments import progress, words
from oko.cabinet.assessments.deadlines import StandingExceptions, Window, WindowState, window
from oko.cabinet.assessments.models import RoadmapStep, StepProgress
from oko.cabinet.assessments.progress import SENT, Cell, Counts
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.russian import sort_key
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Appointment, State

#: What the filter of states offers. «Кому звонить» comes first: it is the question of the day.
STATES = {
    "behind": gettext_lazy("кому звонить"),
    "late": gettext_lazy("с опозданием"),
    "not_started": gettext_lazy("нет данных"),
    "has_findings": gettext_lazy("есть замечания"),
    "returned": gettext_lazy("возвращён"),
    "submitted": gettext_lazy("загружен, проверяется"),
    "done": gettext_lazy("принят"),
}
SORTS = {"name": gettext_lazy("по названию"), "missing": gettext_lazy("сначала отстающие")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the page was asked for: below whom, which step, which state, which text, in which order."""

    under: Organisation
    step: RoadmapStep | None = None
    state: str = ""
    text: str = ""
    sort: str = "name"
    flat: bool = False

    @property
    def group(self) -> str | None:
        """By which column schools are put together; None where each school is a row."""
        if self.under.kind == Kind.FEDERAL:
            return "region_id"
        if self.under.kind == Kind.REGION and not self.flat:
            return "supervisor_id"
        return None


@dataclass(slots=True)
class BoardCell:
    """What stands in a cell: a sign for the eye, a sentence for the screen reader and the tooltip."""

    sign: str
    text: str
    css: str

    @property
    def html(self) -> SafeString:
        """The same few cells stand hundreds of times on a page."""
        return _cell_html(self.sign, self.text, self.css)


@dataclass(slots=True)
class GroupCell:
    """The same for a group; its words are made when it is drawn: a country has a thousand such cells."""

    counts: Counts
    css: str

    @property
    def sign(self) -> str:
        return f"{self.counts.done}/{self.counts.expected}"

    @property
    def text(self) -> str:
        return counted(self.counts)

    @property
    def html(self) -> SafeString:
        return _cell_html(self.sign, self.text, self.css)


@lru_cache(maxsize=10_000)
def _cell_html(sign: str, text: str, css: str) -> SafeString:
    return format_html(
        '<span class="assessments-{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        css,
        text,
        sign,
        text,
    )


@dataclass(slots=True)
class Row:
    organisation: Organisation
    cells: Sequence[BoardCell | GroupCell | None]
    parts: list[Counts]
    behind: dict[RoadmapStep, Counts]
    matches: bool
    people: list[Appointment] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        return progress.overall(self.parts)

    @property
    def behind_number(self) -> int:
        """How many are to be called about: only in steps that have opened."""
        return sum(part.behind for part in self.behind.values())


@dataclass(slots=True)
class Board:
    wanted: Wanted
    steps: Sequence[RoadmapStep]
    rows: list[Row]
    by_step: list[Counts]
    total: Counts
    everybody: int

    @property
    def shows_schools(self) -> bool:
        return self.wanted.group is None


class Windows:
    """Windows of many organisations: those without exceptions share one for each zone."""

    def __init__(self, steps: Sequence[RoadmapStep], at: datetime) -> None:
        self._at = at
        self._exceptions = StandingExceptions(steps)
        self._ordinary: dict[tuple[int, str], Window] = {}

    def of(self, step: RoadmapStep, organisation: Organisation) -> Window:
        standing = self._exceptions.of(step, organisation)
        if standing:
            return window(step, organisation, at=self._at, exceptions=standing)
        key = (step.pk, organisation.time_zone)
        if key not in self._ordinary:
            self._ordinary[key] = window(step, organisation, at=self._at, exceptions=())
        return self._ordinary[key]


def board(acting: Acting, wanted: Wanted, steps: Sequence[RoadmapStep], windows: Windows) -> Board:
    """The whole board as asked: column totals count everybody below `under`, rows those who match."""
    shown = [step for step in steps if wanted.step is None or step.pk == wanted.step.pk]
    rows = (
        _school_rows(acting, wanted, shown, windows)
        if wanted.group is None
        else _group_rows(acting, wanted, wanted.group, shown, windows)
    )
    by_step = [progress.overall(row.parts[position] for row in rows) for position in range(len(shown))]
    matching = [row for row in rows if row.matches and _named(row.organisation, wanted.text)]
    if wanted.sort == "missing":
        matching.sort(key=lambda row: (-row.behind_number, row.organisation.sort_key))
    return Board(wanted, shown, matching, by_step, progress.overall(by_step), len(rows))


def _named(organisation: Organisation, text: str) -> bool:
    """Whether the name or the code holds the text, whatever the case and «ё»."""
    wanted = sort_key(text)
    return wanted in organisation.sort_key or wanted in sort_key(organisation.code)


# Schools as rows -------------------------------------------------------------------------------------------


def _school_rows(acting: Acting, wanted: Wanted, steps: Sequence[RoadmapStep], windows: Windows) -> list[Row]:
    schools = progress.schools_of(acting, wanted.under).order_by("sort_key", "code")
    known = progress.school_progress(acting, steps, schools)
    rows = (_school_row(known, school, wanted.state, windows) for school in known.schools)
    return [row for row in rows if any(part.expected for part in row.parts)]


def _school_row(known: progress.SchoolProgress, school: Organisation, state: str, windows: Windows) -> Row:
    cells: list[BoardCell | None] = []
    parts: list[Counts] = []
    behind: dict[RoadmapStep, Counts] = {}
    matches = not state
    for step in known.steps:
        part = Counts()
        parts.append(part)
        if not known.has_to(school, step):
            cells.append(None)
            continue
        cell, term = known.cell(school, step), windows.of(step, school)
        part.expected = 1
        part.note(cell.state, cell.late)
        is_behind = cell.state not in SENT and term.has_opened
        if is_behind:
            behind[step] = part
        cells.append(school_cell(cell, term))
        matches = matches or {"behind": is_behind, "late": cell.late}.get(state, cell.state == state)
    return Row(school, cells, parts, behind, matches)


def school_cell(cell: Cell, term: Window) -> BoardCell:
    """How far one school is in one step."""
    late = _(", с опозданием") if cell.late else ""
    mark = "*" if cell.late else ""
    if cell.state == StepProgress.State.DONE:
        return BoardCell("✓" + mark, _("принят") + late, "ok")
    if cell.state == StepProgress.State.SUBMITTED:
        return BoardCell("…" + mark, _("загружен, проверяется") + late, "wait")
    if cell.state == StepProgress.State.HAS_FINDINGS:
        return BoardCell("!" + mark, _("есть замечания") + late, "bad")
    if cell.state == StepProgress.State.RETURNED:
        return BoardCell("↩" + mark, _("возвращён") + late, "bad")
    return _nothing_yet(term)


def _nothing_yet(term: Window) -> BoardCell:
    if term.state is WindowState.NOT_OPEN:
        return BoardCell("·", _("ещё не открыт"), "none")
    if term.state is WindowState.PAUSED:
        return BoardCell("Ⅱ", _("приостановлен"), "wait")
    if term.is_overdue:
        return BoardCell("✕", _("нет данных, срок прошёл"), "bad")
    return BoardCell("–", _("нет данных"), "due")


# Regions, municipalities and centres as rows ---------------------------------------------------------------


def _group_rows(
    acting: Acting, wanted: Wanted, group: str, steps: Sequence[RoadmapStep], windows: Windows
) -> list[Row]:
    counts = progress.counts_by(acting, steps, group, wanted.under)
    groups = Organisation.objects.visible_to(acting).filter(pk__in={key for key, _step in counts})
    rows = []
    for organisation in groups.order_by("sort_key", "code"):
        parts = [counts.get((organisation.pk, step.pk), Counts()) for step in steps]
        terms = [windows.of(step, organisation) for step in steps]
        cells = [
            _group_cell(part, term) if part.expected else None
            for part, term in zip(parts, terms, strict=True)
        ]
        behind = {
            step: part
            for step, part, term in zip(steps, parts, terms, strict=True)
            if part.behind and term.has_opened
        }
        row = Row(organisation, cells, parts, behind, not wanted.state)
        row.matches = row.matches or _group_matches(row, wanted.state)
        rows.append(row)
    return rows


def _group_matches(row: Row, state: str) -> bool:
    counts = row.counts
    if state == "behind":
        return bool(row.behind)
    if state == "not_started":
        return bool(counts.nothing)
    if state == "done":
        return not counts.missing
    return bool(getattr(counts, state))


def _group_cell(counts: Counts, term: Window) -> GroupCell:
    """«21/24» and whether that is good."""
    if not counts.missing:
        css = "ok"
    elif term.state in (WindowState.NOT_OPEN, WindowState.PAUSED):
        css = "none"
    else:
        css = "bad" if term.is_overdue or counts.has_findings or counts.returned else "due"
    return GroupCell(counts, css)


# Words and people ------------------------------------------------------------------------------------------


#: Translated only where there is something to say: a board has a thousand cells.
DETAILS = {
    "submitted": gettext_lazy("на проверке %s"),
    "has_findings": gettext_lazy("с замечаниями %s"),
    "returned": gettext_lazy("возвращено %s"),
}


def counted(counts: Counts) -> str:
    """«Принято 21 из 24; 2 с замечаниями, 1 возвращён, не хватает 3»."""
    text = _accepted(counts)
    if not counts.missing:
        return text
    details = [
        str(sentence) % words.number(how_many)
        for name, sentence in DETAILS.items()
        if (how_many := getattr(counts, name))
    ]
    return text + "; " + ", ".join([*details, _("не хватает %s") % words.number(counts.missing)])


def _accepted(counts: Counts) -> str:
    numbers = {"done": words.number(counts.done), "expected": words.number(counts.expected)}
    return _("Принято %(done)s из %(expected)s") % numbers


def headline(counts: Counts) -> str:
    """«Принято 21 из 24 — не хватает 3»."""
    missing = _("не хватает %s") % words.number(counts.missing) if counts.missing else _("всё на месте")
    return f"{_accepted(counts)} — {missing}"


def term_line(shown: Board, windows: Windows, at: datetime) -> str:
    """The nearest deadline at which something is still missing, or how many deadlines are over."""
    under = shown.wanted.under
    missing = [
        (windows.of(step, under), step, counts)
        for step, counts in zip(shown.steps, shown.by_step, strict=True)
        if counts.missing
    ]
    running = sorted(
        ((term.closes, step, counts) for term, step, counts in missing if term.state is WindowState.OPEN),
        key=lambda found: found[0],
    )
    if running:
        closes, step, counts = running[0]
        left = words.duration(at, closes)
        when = words.for_step(closes, step, under)
        if len(shown.steps) == 1:
            return _("До срока %(left)s (%(when)s).") % {"left": left, "when": when}
        return _("Ближайший срок: «%(step)s», не хватает %(missing)s, осталось %(left)s (до %(when)s).") % {
            "step": step.short_title,
            "missing": counts.missing,
            "left": left,
            "when": when,
        }
    over = [step for term, step, _counts in missing if term.is_overdue]
    return _("Срок прошёл у шагов: %s.") % len(over) if over else ""


def add_people(acting: Acting, rows: Sequence[Row]) -> None:
    """Whom to call in each organisation: school staff, or the coordinators of a group. One query."""
    by_organisation = {row.organisation.pk: row for row in rows}
    called = Q(role__in=SCHOOL_STAFF) | Q(role__in=COORDINATORS)
    appointed = (
        Appointment.objects.visible_to(acting)
        .filter(called, state=State.CONFIRMED, organisation_id__in=list(by_organisation))
        .select_related("person")
        .order_by("role", "person__full_name")
    )
    for appointment in appointed:
        by_organisation[appointment.organisation_id].people.append(appointment)
