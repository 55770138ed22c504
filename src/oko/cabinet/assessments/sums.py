"""Sums of progress by supervisor and step: those that no longer hold are counted anew before reading."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from oko.cabinet.assessments.models import ProgressMark

#: Any number that nothing else locks: one reader at a time counts, the others wait for it.
LOCK = 0x6F6B6F73756D73

#: An organisation has to do a step for a paper if it writes the paper, and every school one without a paper.
COUNT = """
INSERT INTO assessments_progresssum (assessment_id, step_id, supervisor_id, region_id, expected, done,
    submitted, has_findings, returned, late)
SELECT s.assessment_id, s.id, o.supervisor_id, o.region_id, count(*),
    count(*) FILTER (WHERE p.state = 'done'), count(*) FILTER (WHERE p.state = 'submitted'),
    count(*) FILTER (WHERE p.state = 'has_findings'), count(*) FILTER (WHERE p.state = 'returned'),
    count(*) FILTER (WHERE p.late)
FROM organisations_organisation o
CROSS JOIN assessments_roadmapstep s
LEFT JOIN assessments_stepprogress p ON p.step_id = s.id AND p.organisation_id = o.id
WHERE o.active AND o.kind IN ('school', 'college') AND (%(all)s OR o.supervisor_id = ANY(%(supervisors)s))
    AND (s.paper_id IS NULL OR EXISTS (SELECT FROM assessments_participation w
                                       WHERE w.paper_id = s.paper_id AND w.organisation_id = o.id))
GROUP BY s.assessment_id, s.id, o.supervisor_id, o.region_id
"""
FORGET = "DELETE FROM assessments_progresssum WHERE %(all)s OR supervisor_id = ANY(%(supervisors)s)"


def bring_up_to_date() -> None:
    """Count again what was marked. What somebody commits meanwhile leaves its mark for the next reader."""
    if not ProgressMark.objects.exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("DELETE FROM assessments_progressmark RETURNING supervisor")
        marked = {supervisor for (supervisor,) in cursor.fetchall()}
        if not marked:
            return
        which: dict[str, Any] = {"all": None in marked, "supervisors": sorted(marked - {None})}
        cursor.execute(FORGET, which)
        cursor.execute(COUNT, which)
