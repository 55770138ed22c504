"""Why a file cannot be read at all: a closed list, each reason with its Russian sentence."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    NO_FILE = "no file"
    EMPTY = "empty file"
    TOO_LARGE = "too large"
    NOT_A_SPREADSHEET = "not a spreadsheet"
    OTHER_FORMAT = "another format"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    MACROS = "macros"
    ARCHIVE_BOMB = "archive bomb"
    UNSAFE = "unsafe content"
    TOO_MANY_CELLS = "too many rows or columns"
    NO_SHEET = "no sheet"
    NOT_A_PROTOCOL = "not a protocol"


SENTENCES: dict[Reason, str] = {
    Reason.NO_FILE: "Файл не удалось открыть: {detail}. Проверьте имя и место файла",
    Reason.EMPTY: "Файл пуст (0 байт). Ожидается таблица XLSX. Сохраните протокол ещё раз и отправьте его",
    Reason.TOO_LARGE: "Файл слишком велик: {detail}. Ожидается протокол одной работы. "
    "Уберите из файла картинки и лишние листы",
    Reason.NOT_A_SPREADSHEET: "Это не электронная таблица: {detail}. Ожидается файл XLSX (или XLS, ODS). "
    "Откройте протокол в табличном редакторе и сохраните его как «Книга Excel (.xlsx)»",
    Reason.OTHER_FORMAT: "Таблица сохранена в неподходящем формате: {detail}. "
    "Ожидается файл XLSX (или XLS, ODS). Сохраните её как «Книга Excel (.xlsx)»",
    Reason.DAMAGED: "Файл повреждён: {detail}. Откройте его в табличном редакторе, сохраните как "
    "«Книга Excel (.xlsx)» и отправьте снова",
    Reason.ENCRYPTED: "Файл защищён паролем, прочитать его нельзя. "
    "Снимите пароль: «Файл → Сведения → Защита книги», сохраните и отправьте снова",
    Reason.MACROS: "В файле есть макросы: {detail}. Ожидается книга без макросов. "
    "Сохраните её как «Книга Excel (.xlsx)», макросы при этом удалятся",
    Reason.ARCHIVE_BOMB: "Файл распаковывается в слишком большой объём: {detail}. "
    "Ожидается протокол одной работы. Скопируйте таблицу в новую книгу и сохраните её",
    Reason.UNSAFE: "В файле есть недопустимое содержимое: {detail}. "
    "Скопируйте таблицу в новую книгу и сохраните её как «Книга Excel (.xlsx)»",
    Reason.TOO_MANY_CELLS: "Таблица слишком велика: {detail}. Ожидается протокол одной работы. "
    "Удалите лишние строки и столбцы ниже и правее таблицы",
    Reason.NO_SHEET: "В книге нет ни одного листа с данными. Ожидается лист с протоколом. "
    "Проверьте, тот ли файл сохранён",
    Reason.NOT_A_PROTOCOL: "Протокол в файле не найден: {detail}. Ожидается строка заголовков с кодом "
    "участника, вариантом и заданиями. Проверьте, тот ли файл выбран, или скачайте протокол заново",
}


class UnreadableProtocol(Exception):  # noqa: N818  # the field's word for it, not a programming error
    """The file cannot be read at all; `message` says in Russian what was found, what is expected, what to
    do.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        self.message = SENTENCES[reason].format(detail=detail) + "."
        super().__init__(self.message)
