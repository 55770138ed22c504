"""Triggers that mark whose sums of progress no longer hold, whoever changes the rows behind them.

They stand here and not beside the models, because one of them watches organisations, which know nothing of
assessments.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION assessments_mark_supervisors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'organisations_organisation' THEN
        IF TG_OP = 'INSERT' AND NEW.kind IN ('school', 'college') THEN
            INSERT INTO assessments_progressmark (supervisor) VALUES (NEW.supervisor_id);
        ELSIF TG_OP = 'UPDATE' THEN
            IF (OLD.active, OLD.kind, OLD.supervisor_id, OLD.region_id)
                IS DISTINCT FROM (NEW.active, NEW.kind, NEW.supervisor_id, NEW.region_id)
            THEN
                INSERT INTO assessments_progressmark (supervisor)
                    SELECT changed FROM unnest(ARRAY[OLD.supervisor_id, NEW.supervisor_id]) changed
                    WHERE changed IS NOT NULL;
            END IF;
        ELSIF TG_OP = 'DELETE' AND OLD.supervisor_id IS NOT NULL THEN
            INSERT INTO assessments_progressmark (supervisor) VALUES (OLD.supervisor_id);
        END IF;
    ELSIF TG_TABLE_NAME = 'assessments_roadmapstep' THEN
        IF TG_OP <> 'UPDATE' THEN
            INSERT INTO assessments_progressmark (supervisor) VALUES (NULL);
        ELSIF OLD.paper_id IS DISTINCT FROM NEW.paper_id THEN
            INSERT INTO assessments_progressmark (supervisor) VALUES (NULL);
        END IF;
    ELSE
        IF TG_OP <> 'INSERT' THEN
            INSERT INTO assessments_progressmark (supervisor)
                SELECT supervisor_id FROM organisations_organisation
                WHERE id = OLD.organisation_id AND supervisor_id IS NOT NULL;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO assessments_progressmark (supervisor)
                SELECT supervisor_id FROM organisations_organisation
                WHERE id = NEW.organisation_id AND supervisor_id IS NOT NULL
                    AND (TG_OP = 'INSERT' OR NEW.organisation_id <> OLD.organisation_id);
        END IF;
    END IF;
    RETURN NULL;
END $$
"""

#: What the sums are made of.
TABLES = (
    "organisations_organisation",
    "assessments_roadmapstep",
    "assessments_participation",
    "assessments_stepprogress",
)


def trigger(table: str) -> str:
    return (
        f"CREATE TRIGGER sums_no_longer_hold AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION assessments_mark_supervisors()"
    )


class Migration(migrations.Migration):
    dependencies = [("assessments", "0006_sums_of_progress")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION assessments_mark_supervisors()"),
        *(
            migrations.RunSQL(trigger(table), f"DROP TRIGGER sums_no_longer_hold ON {table}")
            for table in TABLES
        ),
        migrations.RunSQL(
            "INSERT INTO assessments_progressmark (supervisor) VALUES (NULL)", migrations.RunSQL.noop
        ),
    ]
