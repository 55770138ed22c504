"""Passwords that everybody around here would try first."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: Words of this work: with figures and signs around them, twice over or typed in the other layout, they are
#: no password.
OUR_WORDS = (
    *("око", "впр", "нико", "оге", "егэ", "огэ", "рцоко", "фиоко", "работа", "проверочная", "протокол"),
    *("школа", "лицей", "гимназия", "колледж", "министерство", "координатор", "организатор", "учитель"),
    *("директор", "завуч", "эксперт", "наблюдатель", "аналитик", "администратор", "пароль", "доступ"),
    *(
        "oko",
        "vpr",
        "shkola",
        "school",
        "koordinator",
        "coordinator",
        "direktor",
        "parol",
        "password",
        "admin",
    ),
)
_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюё"
_SAME_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_IN_THE_OTHER_LAYOUT = str.maketrans(_RUSSIAN, _SAME_KEYS)

_WORDS = sorted(
    {word.translate(_IN_THE_OTHER_LAYOUT) for word in OUR_WORDS} | set(OUR_WORDS), key=len, reverse=True
)
_ONLY_OURS = re.compile(rf"(?:{'|'.join(map(re.escape, _WORDS))}|[\W\d_])+")


class NotOurOwnWords:
    """Refuses a password made of nothing but words of this work, figures and signs: «Школа-2026!»."""

    def validate(self, password: str, user: Any = None) -> None:
        if _ONLY_OURS.fullmatch(password.casefold()):
            raise ValidationError(
                _("Такой пароль подберут первым: в нём только слова из нашей работы и цифры. Добавьте своё."),
                code="password_of_our_words",
            )

    def get_help_text(self) -> str:
        return _("Пароль не должен состоять только из слов нашей работы и цифр, как «Школа-2026».")
