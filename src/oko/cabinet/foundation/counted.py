"""Words that pages translate but the extractor of messages cannot see, listed where it can.

`count_of` needs a noun in the three forms that Russian numbers ask for: «школа,школы,школ». Such a triple
is one message, and so is its translation: «school,schools,schools».
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

#: Every triple that templates give to `count_of`.
TRIPLES = (
    gettext_noop("муниципалитет,муниципалитета,муниципалитетов"),
    gettext_noop("замечание,замечания,замечаний"),
    gettext_noop("протокол,протокола,протоколов"),
    gettext_noop("протокола,протоколов,протоколов"),
    gettext_noop("региональный центр,региональных центра,региональных центров"),
    gettext_noop("участник,участника,участников"),
    gettext_noop("файл,файла,файлов"),
    gettext_noop("школа или организация СПО,школы и организации СПО,школ и организаций СПО"),
    gettext_noop("ячейка,ячейки,ячеек"),
    gettext_noop("человек,человека,человек"),
)

#: What is translated inside an f-string, or by gettext under another name: xgettext passes over both.
OUT_OF_SIGHT = (
    gettext_noop("%(done)s из %(all)s"),
    gettext_noop("%(role)s — по поручению (%(who)s)"),
    gettext_noop("без имён"),
    gettext_noop("Ближайший срок:"),
    gettext_noop("будет назначен(а)"),
    gettext_noop("будет предложен(а), ждёт подтверждения"),
    gettext_noop("Ваш координатор"),
    gettext_noop("версия %(version)s"),
    gettext_noop("Все извещения отмечены прочитанными."),
    gettext_noop("входил(а) %(day)s"),
    gettext_noop("Выбрать: %(who)s"),
    gettext_noop("давно не входил(а): %(day)s"),
    gettext_noop("Ждут вашего подтверждения: %(count)s"),
    gettext_noop("Записано назначений: %(all)s; новых людей: %(new)s; ждут подтверждения: %(waiting)s."),
    gettext_noop("код выдан, действует до %(day)s"),
    gettext_noop("код просрочен %(day)s"),
    gettext_noop("мин"),
    gettext_noop("не по правилам"),
    gettext_noop("не подписан"),
    gettext_noop("не прислан"),
    gettext_noop("не прочитано"),
    gettext_noop("нет"),
    gettext_noop("новая"),
    gettext_noop("обновляется"),
    gettext_noop("организация не действует"),
    gettext_noop("от %(day)s"),
    gettext_noop("Открыть приказ"),
    gettext_noop("пароль задан, входа не было"),
    gettext_noop("подписан в кабинете"),
    gettext_noop("подписан на бумаге, скан приложен"),
    gettext_noop("Пока вы не подтвердите, эти люди не могут войти в своей роли."),
    gettext_noop("пока не прекращено"),
    gettext_noop("Поручение дано: %(who)s может работать в вашем кабинете."),
    gettext_noop("Поручение прекращено: доступ в ваш кабинет закрыт."),
    gettext_noop("Приказ %(order)s ждёт подписи"),
    gettext_noop("Проверить и отправить"),
    gettext_noop("Проверить и подтвердить"),
    gettext_noop("Проверьте людей, телефоны и приказы и отправьте список наверх."),
    gettext_noop("Проверьте, кто назначен, и подпишите в кабинете или на бумаге."),
    gettext_noop("протокол"),
    gettext_noop("Список ответственных не отправлен"),
    gettext_noop("Список отправлен: версия %(version)s, строк %(rows)s."),
    gettext_noop("ссылки"),
    gettext_noop("Укажите дату приказа."),
    gettext_noop("ч"),
)
