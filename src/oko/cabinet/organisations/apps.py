from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "oko.cabinet.organisations"
    label = "organisations"
    verbose_name = "Организации"
