from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from oko.cabinet.foundation.logs import never_say
from oko.cabinet.site.environment import secrets_in_use


class SiteConfig(AppConfig):
    name = "oko.cabinet.site"
    label = "oko_site"
    verbose_name = "Кабинет"

    def ready(self) -> None:
        import_module("oko.cabinet.site.journal")
        never_say(
            *settings.SECRET_KEY_FALLBACKS,
            *(value for _path, value in secrets_in_use().values()),
            *(str(database["PASSWORD"]) for database in settings.DATABASES.values()),
        )
