from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "oko.cabinet.people"
    label = "people"
    verbose_name = "Люди"
