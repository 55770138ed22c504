from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "oko.cabinet.site"
    label = "oko_site"
    verbose_name = "Кабинет"
