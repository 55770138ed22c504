from importlib import import_module

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "oko.cabinet.organisations"
    label = "organisations"
    verbose_name = "Организации"

    def ready(self) -> None:
        import_module("oko.cabinet.organisations.rules")
        import_module("oko.cabinet.organisations.desk")
