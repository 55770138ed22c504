from django.apps import AppConfig
from django.conf import settings

from oko.cabinet.foundation.logs import never_say


class SiteConfig(AppConfig):
    name = "oko.cabinet.site"
    label = "oko_site"
    verbose_name = "Кабинет"

    def ready(self) -> None:
        never_say(
            settings.SECRET_KEY,
            *settings.SECRET_KEY_FALLBACKS,
            settings.AUDIT_EVENT_KEY,
            *(str(database["PASSWORD"]) for database in settings.DATABASES.values()),
        )
