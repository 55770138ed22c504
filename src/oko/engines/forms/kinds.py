"""The closed list of what can be wrong in a results protocol, each kind with its Russian sentence.

A finding says where (sheet and cell), what was found, what is expected and how to mend it. The strings of
`Kind` are part of the command line's contract: they may be added to, never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    # the file as a whole
    ANOTHER_PAPER = "another paper"
    PAPER_NOT_RECOGNISED = "paper not recognised"
    ANOTHER_SCHOOL = "another school"
    OLD_LAYOUT = "old layout"
    SEVERAL_TABLES = "several tables"
    NO_PARTICIPANTS = "no participants"
    NOT_FILLED_IN = "not filled in"
    PARTICIPANTS_DECLARED = "participants differ from the declared number"
    ISSUED_CODE_MISSING = "issued code missing"
    # columns
    COLUMN_MISSING = "column missing"
    COLUMN_REPEATED = "column repeated"
    COLUMN_NOT_RECOGNISED = "column not recognised"
    ITEM_NOT_IN_PAPER = "item not in the paper"
    MAXIMUM_DIFFERS = "maximum differs from the paper"
    SHIFTED_COLUMNS = "shifted columns"
    # who
    CODE_TWICE = "code used twice"
    CODE_MISSING = "code missing"
    NOT_A_CODE = "not a participant code"
    CODE_OF_ANOTHER_GRADE = "code of another grade"
    CODE_NOT_ISSUED = "code not issued"
    CLASS_NOT_RECOGNISED = "class not recognised"
    CLASS_OF_ANOTHER_GRADE = "class of another grade"
    CODE_OF_ANOTHER_CLASS = "code of another class"
    UNKNOWN_SEX = "unknown sex"
    UNKNOWN_MARK = "unknown mark"
    # the work
    UNKNOWN_VARIANT = "unknown variant"
    VARIANT_MISSING = "variant missing"
    VARIANTS_DIFFER = "variants differ"
    ABOVE_MAXIMUM = "score above maximum"
    BELOW_ZERO = "score below zero"
    NOT_WHOLE = "not a whole number"
    NOT_A_SCORE = "not a score"
    SCORE_MISSING = "score missing"
    ABSENT_WITH_SCORE = "absent, but has a score"
    ABSENT_WITH_TOTAL = "absent, but has a total"
    TOTAL_DIFFERS = "total differs from the sum"
    TOTAL_MISSING = "total missing"
    MARK_DIFFERS = "mark differs from the scale"
    FORMULA = "formula in a cell"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What was found (may quote `{found}`), and how to mend it (may quote `{expected}`)."""

    what: str
    mend: str


SENTENCES: dict[Kind, Sentence] = {
    Kind.ANOTHER_PAPER: Sentence(
        "Это протокол другой работы: {found}", "Загрузите протокол той работы, которую от вас ждут"
    ),
    Kind.PAPER_NOT_RECOGNISED: Sentence(
        "Не удалось понять, какой работы этот протокол: {found}",
        "Проверьте заголовки заданий или скачайте протокол своей работы заново",
    ),
    Kind.ANOTHER_SCHOOL: Sentence(
        "Протокол другой организации: {found}",
        "Загрузите протокол своей организации или исправьте её код",
    ),
    Kind.OLD_LAYOUT: Sentence(
        "Протокол заполнен по форме прежнего года: {found}",
        "Скачайте протокол этого года и перенесите в него данные",
    ),
    Kind.SEVERAL_TABLES: Sentence(
        "В файле есть ещё одна таблица с результатами: лист {found}",
        "Соберите всех участников на одном листе, второй лист удалите",
    ),
    Kind.NO_PARTICIPANTS: Sentence("Под заголовком нет ни одного участника", "Заполните строки участников"),
    Kind.NOT_FILLED_IN: Sentence(
        "Протокол не заполнен: есть только коды участников",
        "Внесите вариант и баллы; кто не пришёл, тому напишите «отсутствовал» в столбце варианта",
    ),
    Kind.PARTICIPANTS_DECLARED: Sentence(
        "В заголовке указано участников: {found}", "Проверьте, все ли строки на месте"
    ),
    Kind.ISSUED_CODE_MISSING: Sentence(
        "Нет строк для выданных кодов: {found}",
        "Добавьте строки; если участник не пришёл, напишите «отсутствовал» в столбце варианта",
    ),
    Kind.COLUMN_MISSING: Sentence(
        "Нет столбца {expected}", "Верните столбец на место или перенесите данные в свежий протокол"
    ),
    Kind.COLUMN_REPEATED: Sentence("Столбец {found} повторяется", "Оставьте один столбец, лишний удалите"),
    Kind.COLUMN_NOT_RECOGNISED: Sentence(
        "Заголовок {found} не распознан, данные прочитаны по его месту",
        "Верните столбцу заголовок {expected}",
    ),
    Kind.ITEM_NOT_IN_PAPER: Sentence(
        "В работе нет задания {found}", "Удалите столбец или исправьте номер задания в заголовке"
    ),
    Kind.MAXIMUM_DIFFERS: Sentence(
        "В заголовке указан другой максимальный балл: {found}",
        "Исправьте заголовок или скачайте протокол заново",
    ),
    Kind.SHIFTED_COLUMNS: Sentence(
        "Похоже, данные сдвинуты относительно заголовков: {found}",
        "Сдвиньте данные строки на место, чтобы каждое значение стояло под своим заголовком",
    ),
    Kind.CODE_TWICE: Sentence(
        "Код участника {found} встречается дважды", "Сверьте код с протоколом проведения и исправьте его"
    ),
    Kind.CODE_MISSING: Sentence("Строка заполнена, а кода участника нет", "Впишите код участника"),
    Kind.NOT_A_CODE: Sentence("{found} — не код участника", "Впишите код из пяти цифр, как на листе кодов"),
    Kind.CODE_OF_ANOTHER_GRADE: Sentence(
        "Код участника {found} выдан для другой параллели", "Проверьте код по листу кодов"
    ),
    Kind.CODE_NOT_ISSUED: Sentence(
        "Код участника {found} вашей организации не выдавался", "Проверьте код по листу кодов"
    ),
    Kind.CLASS_NOT_RECOGNISED: Sentence("Класс указан непонятно: {found}", "Исправьте класс"),
    Kind.CLASS_OF_ANOTHER_GRADE: Sentence(
        "Класс {found} — другой параллели", "Исправьте класс или уберите строку из этого протокола"
    ),
    Kind.CODE_OF_ANOTHER_CLASS: Sentence(
        "Код выдан другому классу, а указан класс {found}", "Сверьте код и класс с листом кодов"
    ),
    Kind.UNKNOWN_SEX: Sentence("Пол указан непонятно: {found}", "Впишите м или ж"),
    Kind.UNKNOWN_MARK: Sentence(
        "Отметка указана непонятно: {found}", "Впишите отметку от 2 до 5; если её нет — «-»"
    ),
    Kind.UNKNOWN_VARIANT: Sentence(
        "Варианта {found} в этой работе нет", "Сверьте номер варианта с работой участника и исправьте его"
    ),
    Kind.VARIANT_MISSING: Sentence(
        "Не указан вариант", "Впишите номер варианта; если участник не пришёл — «отсутствовал»"
    ),
    Kind.VARIANTS_DIFFER: Sentence(
        "В работе одна часть, а варианты в двух столбцах разные: {found}",
        "Впишите в оба столбца один вариант",
    ),
    Kind.ABOVE_MAXIMUM: Sentence("Балл {found} больше максимального", "Исправьте балл"),
    Kind.BELOW_ZERO: Sentence(
        "Балл {found} меньше нуля", "Исправьте балл; если участник не приступал к заданию, впишите X"
    ),
    Kind.NOT_WHOLE: Sentence("Балл {found} — не целое число", "Впишите целый балл"),
    Kind.NOT_A_SCORE: Sentence(
        "{found} — не балл",
        "Впишите балл цифрой; если участник не приступал к заданию — X, если тема не пройдена — N",
    ),
    Kind.SCORE_MISSING: Sentence(
        "Балл не указан: {found}", "Впишите балл; если участник не приступал к заданию, впишите X"
    ),
    Kind.ABSENT_WITH_SCORE: Sentence(
        "Участник отмечен отсутствовавшим, но балл есть: {found}",
        "Уберите балл или впишите номер варианта вместо отметки об отсутствии",
    ),
    Kind.ABSENT_WITH_TOTAL: Sentence(
        "Участник писал не всю работу, но итог есть: {found}",
        "Уберите итог или впишите номер варианта вместо отметки об отсутствии",
    ),
    Kind.TOTAL_DIFFERS: Sentence(
        "Итог {found} не равен сумме баллов за задания", "Проверьте баллы строки и исправьте итог"
    ),
    Kind.TOTAL_MISSING: Sentence("Итог не указан", "Впишите сумму баллов за задания"),
    Kind.MARK_DIFFERS: Sentence("Отметка {found} не соответствует шкале", "Исправьте отметку"),
    Kind.FORMULA: Sentence(
        "В ячейке формула, её значение: {found}",
        "Замените формулу значением: «Копировать», «Вставить только значения»",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `cell` is a reference in the sender's own sheet («AC52»), or empty for the whole
    file.
    """

    cell: str
    kind: Kind
    found: str
    expected: str
    message: str
    sheet: str = ""

    def to_json(self) -> dict[str, str]:
        return {
            "cell": self.cell,
            "kind": self.kind.value,
            "found": self.found,
            "expected": self.expected,
            "message": self.message,
        }


def finding(
    kind: Kind, *, cell: str = "", found: str = "", expected: str = "", note: str = "", sheet: str = ""
) -> Finding:
    """A finding with its sentence made out: what, what is expected, how to mend; `note` adds a
    circumstance.
    """
    sentence = SENTENCES[kind]
    shown = {"found": quoted(found), "expected": quoted(expected)}
    parts = [sentence.what.format(**shown)]
    if note:
        parts.append(note)
    if expected:
        parts.append(f"Ожидается: {expected}")
    parts.append(sentence.mend.format(**shown))
    return Finding(cell, kind, found, expected, ". ".join(parts) + ".", sheet)


LONGEST_QUOTE = 60


def quoted(text: str) -> str:
    """Text of a cell in quotation marks, shortened so that a story pasted into a cell stays readable."""
    if not text:
        return "пусто"
    flat = " ".join(text.split())
    return f"«{flat if len(flat) <= LONGEST_QUOTE else flat[: LONGEST_QUOTE - 1] + '…'}»"
