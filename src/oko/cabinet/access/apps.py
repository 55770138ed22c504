from importlib import import_module

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "oko.cabinet.access"
    label = "access"
    verbose_name = "Доступ"

    def ready(self) -> None:
        import_module("oko.cabinet.access.rules")
        import_module("oko.cabinet.access.desk")
