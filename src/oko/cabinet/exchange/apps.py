from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "oko.cabinet.exchange"
    label = "exchange"
    verbose_name = "Обмен данными"

    def ready(self) -> None:
        from oko.cabinet.exchange import desk, rules  # noqa: F401  # they register themselves
