from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "oko.cabinet.assessments"
    label = "assessments"
    verbose_name = "Процедуры"

    def ready(self) -> None:
        from oko.cabinet.assessments import desk, rules  # noqa: F401  # they register themselves
