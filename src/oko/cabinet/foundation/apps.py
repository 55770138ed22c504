from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "oko.cabinet.foundation"
    label = "foundation"
    verbose_name = "Основание"
