from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "oko.cabinet.results"
    label = "results"
    verbose_name = "Результаты"
