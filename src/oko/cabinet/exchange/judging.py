"""The only place where the cabinet asks the engine of forms: what does this file hold, is it all right?"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Paper, Participation
from oko.cabinet.exchange import queries
from oko.cabinet.exchange.models import Submission
from oko.cabinet.organisations.models import Organisation
from oko.engines import forms
from oko.engines.forms import copies
from oko.engines.forms.names import find_names
from oko.engines.forms.sheets import read_sheets
from oko.engines.papers import Paper as EnginePaper

log = logging.getLogger(__name__)

State = Submission.State

#: A file spoiled in every row says enough with these; the marked copy shows all.
MOST_FINDINGS_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a submission. `works` is filled for an accepted one only."""

    state: str
    trouble: str = ""
    findings: list[dict[str, str]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    works: list[dict[str, Any]] = field(default_factory=list)
    cleaned: bytes | None = None


def judge(content: bytes, paper: Paper, expected: forms.Expected) -> Judgement:
    """Read and check a protocol of this paper, from whom it is expected. Our own fault is an answer, too."""
    try:
        reading = _read(content, paper, expected)
    except forms.UnreadableProtocol as unreadable:
        return _unreadable(content, unreadable)
    except Exception:
        log.exception("Протокол работы %s от %s не прочитан из-за сбоя", paper.code, expected.organisation)
        if _has_names(content):
            return Judgement(State.WITHHELD)
        return Judgement(State.UNREADABLE, trouble=_our_fault())
    if reading.names_column:
        return _withheld(content, reading)
    if reading.findings:
        return Judgement(State.HAS_FINDINGS, findings=_findings(reading), summary=_summary(reading))
    return Judgement(State.ACCEPTED, summary=_summary(reading), works=[_work(work) for work in reading.works])


@dataclass(frozen=True, slots=True)
class Recognition:
    """Of which paper a file is; or why that cannot be said, and whether there are names in it."""

    paper: str | None = None
    trouble: str = ""
    names: bool = False


def recognise(content: bytes, known: Sequence[EnginePaper]) -> Recognition:
    """Which of these papers the file is of, by its content."""
    try:
        reading = forms.read_protocol(content, known)
    except forms.UnreadableProtocol as unreadable:
        judgement = _unreadable(content, unreadable)
        return Recognition(trouble=judgement.trouble, names=judgement.state == State.WITHHELD)
    except Exception:
        log.exception("Файл не распознан из-за сбоя")
        return Recognition(trouble=_unrecognised(), names=_has_names(content))
    if reading.paper is None:
        return Recognition(trouble=_unrecognised(), names=reading.names_column)
    return Recognition(reading.paper)


def _unrecognised() -> str:
    return _("Не удалось понять, какой работы этот протокол.")


def marked_copy(content: bytes, paper: Paper, organisation: Organisation) -> bytes:
    """The sender's own file with every finding shown in its cell."""
    expected = expected_of(paper, organisation, queries.classes_of(paper, organisation))
    return copies.marked_copy(content, _read(content, paper, expected))


def expected_of(paper: Paper, organisation: Organisation, classes: Iterable[Participation]) -> forms.Expected:
    """What is known before the file comes: whose it is, the codes issued, the variants printed."""
    return forms.Expected(
        organisation=organisation.code,
        organisation_titles=(organisation.name, organisation.short_name),
        codes={code: row.class_label for row in classes for code in row.codes},
        variants=frozenset(paper.variants),
    )


def _read(content: bytes, paper: Paper, expected: forms.Expected) -> forms.ProtocolReading:
    reading = forms.read_protocol(content, [paper.for_engines()], paper=paper.code, expected=expected)
    if not any(found.kind is forms.Kind.ANOTHER_PAPER for found in reading.findings):
        return reading
    # Only now are the other papers worth their queries: the finding says which of them it is.
    others = Paper.everything.filter(assessment=paper.assessment_id).select_related("assessment")
    known = [other.for_engines() for other in others]
    return forms.read_protocol(content, known, paper=paper.code, expected=expected)


def _unreadable(content: bytes, unreadable: forms.UnreadableProtocol) -> Judgement:
    """A table that is no protocol may still be a list of names: it is not kept either (law 3).

    Nor are the engine's words then, since they quote its first cells.
    """
    if unreadable.reason is forms.Reason.NOT_A_PROTOCOL and _has_names(content):
        return Judgement(
            State.WITHHELD, trouble=_("Протокол в файле не найден: проверьте, тот ли файл выбран.")
        )
    return Judgement(State.UNREADABLE, trouble=_storable(unreadable.message))


def _has_names(content: bytes) -> bool:
    try:
        return bool(find_names(read_sheets(content)))
    except Exception:
        log.exception("Файл не удалось проверить на имена")
        return False


def _withheld(content: bytes, reading: forms.ProtocolReading) -> Judgement:
    """Of the cells nothing is kept, only that there were names; the copy is made while the file is here."""
    try:
        cleaned = copies.without_names(content, reading)
    except Exception:
        log.exception("Копию без столбца имён сделать не удалось")
        cleaned = None
    return Judgement(State.WITHHELD, cleaned=cleaned)


def _our_fault() -> str:
    return _(
        "Файл сохранён, но проверить его не удалось: сбой на нашей стороне, мы уже знаем о нём. "
        "Попробуйте перенести данные в свежий протокол и отправить его."
    )


def _summary(reading: forms.ProtocolReading) -> dict[str, Any]:
    return {
        "layout": reading.layout,
        "rows": reading.rows,
        "present": reading.present,
        "sum_of_totals": reading.sum_of_totals,
        "not_attempted": reading.not_attempted,
        "findings": len(reading.findings),
    }


def _findings(reading: forms.ProtocolReading) -> list[dict[str, str]]:
    return [
        {name: _storable(text) for name, text in {**found.to_json(), "sheet": found.sheet}.items()}
        for found in reading.findings[:MOST_FINDINGS_KEPT]
    ]


def _storable(text: str) -> str:
    """Without what PostgreSQL cannot hold: a cell may contain NUL or half of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _work(work: forms.Work) -> dict[str, Any]:
    return {
        "participant": work.participant,
        "class_label": _storable(work.class_label),
        "variant_1": work.variant_1,
        "variant_2": work.variant_2,
        "sex": _storable(work.sex),
        "prior_mark": work.prior_mark,
        "status": work.status,
        "scores": dict(work.scores),
        "total": work.total,
        "mark": work.mark,
    }
