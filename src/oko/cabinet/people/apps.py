from importlib import import_module

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "oko.cabinet.people"
    label = "people"
    verbose_name = "Люди"

    def ready(self) -> None:
        import_module("oko.cabinet.people.rules")
        import_module("oko.cabinet.people.desk")
        import_module("oko.cabinet.people.notices")
