from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "oko.cabinet.reports"
    label = "reports"
    verbose_name = "Отчёты"

    def ready(self) -> None:
        from oko.cabinet.reports import desk, rules  # noqa: F401  # they register themselves
