from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "oko.cabinet.assessments"
    label = "assessments"
    verbose_name = "Процедуры"
