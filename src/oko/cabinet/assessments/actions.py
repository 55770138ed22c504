"""What is done with the course of an assessment: progress, exceptions, the roadmap, the rehearsal clock."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.assessments import journal, readings
from oko.cabinet.assessments.deadlines import Window, WindowState, exceptions_for, window
from oko.cabinet.assessments.models import Assessment, Participation, RoadmapStep, StepException, StepProgress
from oko.cabinet.assessments.words import for_step
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account


def record_progress(
    step: RoadmapStep, organisation: Organisation, state: str, *, late: bool = False, note: str = ""
) -> StepProgress:
    """Write how far an organisation is in a step. Called by later apps inside their own transaction.

    One statement (insert, or update where the row stands), so that two at once wait for each other and
    neither
    fails; what the one that commits last said, stays. Boards count anew what changed, so they are
    right at once.
    """
    progress = StepProgress(
        assessment_id=step.assessment_id,
        step=step,
        organisation=organisation,
        state=state,
        late=late,
        note=note[:300],
        changed_at=now(step.assessment),
    )
    StepProgress.everything.bulk_create(
        [progress],
        update_conflicts=True,
        unique_fields=["step", "organisation"],
        update_fields=["state", "late", "note", "changed_at"],
    )
    return progress


@transaction.atomic
def confirm_reading(step: RoadmapStep, organisation: Organisation, person: Account) -> StepProgress:
    """A person of the organisation says that the materials of the step were read.

    Raises:
        ValidationError: the step does not accept anything now.
    """
    term = window(step, organisation)
    if not term.accepts:
        raise ValidationError(_("Сейчас шаг закрыт: подтвердить ознакомление нельзя."))
    late = term.state is WindowState.LATE
    note = person.full_name + _how_many_confirmed(step, organisation)
    record(journal.STEP_CONFIRMED, on=step, organisation=organisation, after={"late": late, "note": note})
    return record_progress(step, organisation, StepProgress.State.DONE, late=late, note=note)


def _how_many_confirmed(step: RoadmapStep, organisation: Organisation) -> str:
    """The organisation's word is one thing, each person's confirmation of their documents another: whoever
    reads the board sees both.
    """
    done, everybody = readings.of_organisation(organisation, step.assessment_id, step.roles)
    if not everybody:
        return ""
    numbers = {"done": done, "all": everybody}
    return "; " + _("с документами ознакомились %(done)s из %(all)s") % numbers


# Exceptions ------------------------------------------------------------------------------------------------


def check_exception(step: RoadmapStep, organisation: Organisation, kind: str, until: datetime | None) -> None:
    """Whether a pause, an extension or a reopening makes sense now.

    Raises:
        ValidationError: by field of the form, what does not fit and what to choose instead.
    """
    at = now(step.assessment)
    current = window(step, organisation, at=at)
    writes = Participation.everything.filter(paper=step.paper, organisation=organisation)
    if step.paper and organisation.is_school and not writes.exists():
        raise ValidationError({"organisation": _("%s не участвует в этой работе.") % organisation.short_name})
    if until and until <= at:
        raise ValidationError({"until": _("Этот момент уже прошёл. Укажите время позже, чем сейчас.")})
    if kind == StepException.Kind.PAUSE:
        if current.state is WindowState.PAUSED:
            raise ValidationError({"kind": _("Шаг уже приостановлен.")})
        return
    if until is None:
        raise ValidationError({"until": _("Укажите, до какого момента.")})
    if until <= current.closes:
        was = for_step(current.closes, step, organisation)
        raise ValidationError({"until": _("Новый срок должен быть позже нынешнего (%s).") % was})
    if kind == StepException.Kind.EXTENSION and current.state is WindowState.CLOSED:
        raise ValidationError({"kind": _("Приём уже закрыт: выберите «повторное открытие».")})
    if kind == StepException.Kind.REOPENING and current.state in (WindowState.NOT_OPEN, WindowState.OPEN):
        raise ValidationError({"kind": _("Шаг ещё не закрывался: выберите «продление».")})


@transaction.atomic
def make_exception(
    step: RoadmapStep,
    organisation: Organisation,
    kind: str,
    until: datetime | None,
    reason: str,
    made_by: Account,
) -> StepException:
    """Pause, extend or reopen a step for an organisation and those below it.

    Raises:
        ValidationError: it does not fit how the step stands now; the step is locked meanwhile, so that
        a second
            click finds the first one's exception.
    """
    locked = (
        RoadmapStep.everything.select_for_update(of=["self"])
        .select_related("assessment", "paper")
        .get(pk=step.pk)
    )
    check_exception(locked, organisation, kind, until)
    exception = StepException.everything.create(
        assessment_id=locked.assessment_id,
        step=locked,
        organisation=organisation,
        kind=kind,
        until=until,
        reason=reason,
        made_by=made_by,
        made_at=now(locked.assessment),
    )
    after = {"step": locked.title, **facts(exception, "kind", "until", "reason")}
    record(journal.EXCEPTION_MADE, on=exception, organisation=organisation, after=after)
    return exception


@transaction.atomic
def end_exception(exception: StepException, ended_by: Account) -> bool:
    """From now on the exception does not hold; it stays in the history. False where it had been ended
    before.
    """
    ended = StepException.everything.filter(pk=exception.pk, ended_at=None).update(
        ended_at=now(exception.step.assessment), ended_by=ended_by
    )
    if ended:
        before = {"step": exception.step.title, **facts(exception, "kind", "until", "reason")}
        record(journal.EXCEPTION_ENDED, on=exception, before=before)
    return bool(ended)


def window_without(exception: StepException) -> Window:
    """How the step will stand for the organisation once the exception is ended."""
    standing = [e for e in exceptions_for(exception.step, exception.organisation) if e.pk != exception.pk]
    return window(exception.step, exception.organisation, exceptions=standing)


# The roadmap -----------------------------------------------------------------------------------------------


STEP_FACTS = (
    "position", "title", "action", "paper_id", "instructions", "roles", "zone_rule", "opens", "closes",
    "late_until",
)  # fmt: skip


@transaction.atomic
def save_step(step: RoadmapStep) -> None:
    """Write a step that a form has filled in: a new one, or one that stands."""
    before = RoadmapStep.everything.select_for_update().get(pk=step.pk) if step.pk else None
    step.save()
    record(
        journal.STEP_CHANGED if before else journal.STEP_ADDED,
        on=step,
        before=facts(before, *STEP_FACTS) if before else None,
        after=facts(step, *STEP_FACTS),
    )


@transaction.atomic
def delete_step(step: RoadmapStep) -> None:
    """Take a step out of the roadmap.

    Raises:
        ValidationError: organisations have done something in it already; their history must not vanish
        with it.
    """
    RoadmapStep.everything.select_for_update().get(pk=step.pk)
    done = StepProgress.everything.filter(step=step).exclude(state=StepProgress.State.NOT_STARTED).count()
    if done:
        raise ValidationError(
            _("По этому шагу уже есть данные (организаций: %s). Удалить его нельзя; можно изменить срок.")
            % done
        )
    record(journal.STEP_DELETED, on=step, before=facts(step, *STEP_FACTS))
    step.delete()


# The rehearsal clock ---------------------------------------------------------------------------------------


@transaction.atomic
def set_rehearsal_clock(assessment: Assessment, to: datetime | None) -> None:
    """Make it `to` now in a training assessment; the clock goes on from there. None: back to real time.

    Raises:
        ValidationError: the assessment is a real one.
    """
    locked = Assessment.everything.select_for_update().get(pk=assessment.pk)
    if not locked.is_training:
        raise ValidationError(_("Репетиционные часы есть только у тренировки."))
    before = facts(locked, "rehearsal_offset")
    locked.rehearsal_offset = to - now() if to else None
    locked.save(update_fields=["rehearsal_offset"])
    record(journal.CLOCK_SET, on=locked, before=before, after={"to": to})
    assessment.rehearsal_offset = locked.rehearsal_offset
