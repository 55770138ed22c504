from importlib import import_module

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "oko.cabinet.audit"
    label = "audit"
    verbose_name = "Журнал"

    def ready(self) -> None:
        import_module("oko.cabinet.audit.rules")
        import_module("oko.cabinet.audit.desk")
