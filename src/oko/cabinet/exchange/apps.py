from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "oko.cabinet.exchange"
    label = "exchange"
    verbose_name = "Обмен данными"
