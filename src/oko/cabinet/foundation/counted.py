"""Words that pages translate but the extractor of messages cannot see, listed where it can.

`count_of` needs a noun in the three forms that Russian numbers ask for: «школа,школы,школ». Such a triple
is one message, and so is its translation: «school,schools,schools».
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

#: Every triple that templates give to `count_of`.
TRIPLES = (
    gettext_noop("минуту,минуты,минут"),
    gettext_noop("муниципалитет,муниципалитета,муниципалитетов"),
    gettext_noop("замечание,замечания,замечаний"),
    gettext_noop("протокол,протокола,протоколов"),
    gettext_noop("протокола,протоколов,протоколов"),
    gettext_noop("региональный центр,региональных центра,региональных центров"),
    gettext_noop("участник,участника,участников"),
    gettext_noop("файл,файла,файлов"),
    gettext_noop("школа или организация СПО,школы и организации СПО,школ и организаций СПО"),
    gettext_noop("ячейка,ячейки,ячеек"),
    gettext_noop("день,дня,дней"),
    gettext_noop("человек,человека,человек"),
)

#: What is translated inside an f-string, or by gettext under another name: xgettext passes over both.
OUT_OF_SIGHT = (
    gettext_noop("%(done)s из %(all)s"),
    gettext_noop("Ближайший срок:"),
    gettext_noop("Ваш координатор"),
    gettext_noop("без имён"),
    gettext_noop("мин"),
    gettext_noop("нет"),
    gettext_noop("обновляется"),
    gettext_noop("организация не действует"),
    gettext_noop("от %(day)s"),
    gettext_noop("протокол"),
    gettext_noop("ч"),
)
