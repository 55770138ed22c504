from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "oko.cabinet.results"
    label = "results"
    verbose_name = "Результаты"

    def ready(self) -> None:
        from oko.cabinet.results import listening  # noqa: F401  # it registers itself
