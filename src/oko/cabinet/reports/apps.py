from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "oko.cabinet.reports"
    label = "reports"
    verbose_name = "Отчёты"
