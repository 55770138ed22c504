"""What the federal organiser does with papers. What accepted protocols were judged by does not change."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.assessments import journal
from oko.cabinet.assessments.models import Assessment, Item, MarkScale, Paper
from oko.cabinet.assessments.papers_file import PaperEntry
from oko.cabinet.assessments.queries import is_used
from oko.cabinet.audit.recording import facts, record

PAPER_FACTS = ("date", "minutes", "variants")
SCALE_FACTS = ("year", "three", "four", "five")


@transaction.atomic
def import_papers(assessment: Assessment, entries: Sequence[PaperEntry]) -> tuple[int, int]:
    """Create the papers of a file and change those that stand. How many were made and how many changed.

    Raises:
        ValidationError: a paper by which protocols were accepted would get other items, parts or
        another scale; all
            such papers are named, and nothing is changed.
    """
    standing = {
        paper.code: paper
        for paper in Paper.everything.select_for_update()
        .filter(assessment=assessment, code__in=[entry.code for entry in entries])
        .prefetch_related("items", "scales")
    }
    refused = [
        str(standing[entry.code])
        for entry in entries
        if entry.code in standing
        and is_used(standing[entry.code])
        and _judges_otherwise(standing[entry.code], entry, assessment.year)
    ]
    if refused:
        raise ValidationError(
            _(
                "По этим работам уже приняты протоколы, поэтому задания, части и шкалу изменить нельзя: %s. "
                "Заведите работу с новым кодом."
            )
            % "; ".join(refused)
        )
    for entry in entries:
        _store(assessment, standing.get(entry.code), entry)
    codes = [entry.code for entry in entries]
    record(
        journal.PAPERS_IMPORTED,
        on=assessment,
        before={"papers": sorted(standing)},
        after={"papers": codes, "items": {entry.code: len(entry.items) for entry in entries}},
    )
    return len(entries) - len(standing), len(standing)


def _judges_otherwise(paper: Paper, entry: PaperEntry, year: int) -> bool:
    items = [(i.code, i.maximum, i.part) for i in paper.items.all()]
    scale = _scale_of(paper, year)
    dropped = set(paper.variants) - set(entry.variants)
    wanted = [(i.code, i.maximum, i.part) for i in entry.items]
    return bool(items != wanted or scale != entry.scale or paper.parts != entry.parts or dropped)


def _store(assessment: Assessment, paper: Paper | None, entry: PaperEntry) -> None:
    paper = paper or Paper(assessment=assessment, code=entry.code)
    paper.subject, paper.grade, paper.parts = entry.subject, entry.grade, entry.parts
    paper.minutes, paper.variants = list(entry.minutes), list(entry.variants)
    paper.date = entry.on or paper.date
    paper.save()
    paper.items.exclude(code__in=[i.code for i in entry.items]).delete()
    for position, i in enumerate(entry.items, start=1):
        values = {
            "position": position,
            "maximum": i.maximum,
            "level": i.level,
            "skill": i.skill,
            "area": i.area,
            "part": i.part,
        }
        Item.objects.update_or_create(paper=paper, code=i.code, defaults=values)
    if _scale_of(paper, assessment.year) != entry.scale:
        three, four, five = entry.scale
        MarkScale.objects.update_or_create(
            paper=paper, year=assessment.year, defaults={"three": three, "four": four, "five": five}
        )


def _scale_of(paper: Paper, year: int) -> tuple[int, int, int] | None:
    """The scale that counts in a year."""
    newest = max((s for s in paper.scales.all() if s.year <= year), key=lambda s: s.year, default=None)
    return (newest.three, newest.four, newest.five) if newest else None


@transaction.atomic
def change_paper(paper: Paper) -> None:
    """Write a changed date, durations and variants.

    Raises:
        ValidationError: a variant would vanish by which protocols were accepted.
    """
    before = Paper.everything.select_for_update().get(pk=paper.pk)
    dropped = sorted(set(before.variants) - set(paper.variants))
    if dropped and is_used(before):
        numbers = ", ".join(str(variant) for variant in dropped)
        raise ValidationError(
            {
                "variants": _("Протоколы уже приняты: вариант %s убрать нельзя, можно добавить новые.")
                % numbers
            }
        )
    paper.save(update_fields=PAPER_FACTS)
    after = facts(paper, *PAPER_FACTS)
    record(journal.PAPER_CHANGED, on=paper, before=facts(before, *PAPER_FACTS), after=after)


@transaction.atomic
def add_scale(paper: Paper, year: int, three: int, four: int, five: int) -> MarkScale:
    """A scale of marks that counts from a year on; the one of the same year is replaced.

    Raises:
        ValidationError: marks of accepted protocols would change, or the scale goes beyond the paper's
        maximum.
    """
    locked = Paper.everything.select_for_update(of=["self"]).select_related("assessment").get(pk=paper.pk)
    maximum = sum(item.maximum for item in locked.items.all())
    if five > maximum:
        raise ValidationError({"five": _("Максимум работы — %s.") % maximum})
    newest = locked.scales.filter(year__lte=locked.assessment.year).order_by("-year").first()
    counts_now = year <= locked.assessment.year and (newest is None or year >= newest.year)
    if counts_now and is_used(locked):
        raise ValidationError(
            {
                "year": _(
                    "Протоколы этого года уже приняты по прежней шкале: её изменить нельзя. "
                    "Укажите шкалу для следующего года."
                )
            }
        )
    of_year = locked.scales.filter(year=year).first()
    scale, _created = MarkScale.objects.update_or_create(
        paper=locked, year=year, defaults={"three": three, "four": four, "five": five}
    )
    before = facts(of_year, *SCALE_FACTS) if of_year else None
    record(journal.SCALE_SET, on=locked, before=before, after=facts(scale, *SCALE_FACTS))
    return scale
