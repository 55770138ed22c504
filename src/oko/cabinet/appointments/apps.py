from importlib import import_module

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "oko.cabinet.appointments"
    label = "appointments"
    verbose_name = "Назначения"

    def ready(self) -> None:
        import_module("oko.cabinet.appointments.rules")
        import_module("oko.cabinet.appointments.desk")
