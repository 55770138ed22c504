"""A JSON file as people write it: what is wrong with it is said in Russian, with the line."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any, NoReturn

LARGEST = 4 * 2**20  # bytes; the largest description that can be thought of has a tenth of this

_CAUSES = {
    errno.ENOENT: "такого файла нет",
    errno.EISDIR: "это папка",
    errno.EACCES: "нет права читать его",
    errno.ENAMETOOLONG: "слишком длинное имя",
    errno.ENOTDIR: "часть пути — не папка",
}
_SYNTAX = (
    ("Expecting property name", "ожидается ключ в двойных кавычках"),
    ("Illegal trailing comma", "лишняя запятая перед скобкой"),
    ("Expecting ',' delimiter", "ожидается запятая или закрывающая скобка"),
    ("Expecting ':' delimiter", "ожидается двоеточие после ключа"),
    ("Expecting value", "ожидается значение: текст в двойных кавычках, число, список или объект"),
    ("Unterminated string", "текст не закрыт кавычкой"),
    ("Invalid control character", "внутри текста — перевод строки или служебный знак"),
    ("Invalid \\", "неверная косая черта в тексте: пишите \\\\"),
    ("Extra data", "после конца описания есть лишнее"),
)


class JsonError(ValueError):
    """A file that is not JSON, or not one that can be used; the message says what and where, in Russian."""


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        JsonError: it cannot be opened, is too large, is not UTF-8 or JSON, nests too deep, has a key twice or
            a number that is none (NaN, Infinity).
    """
    try:
        if not path.is_file() and path.exists() and not path.is_dir():
            raise JsonError("это не обычный файл")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise JsonError(cause(error)) from error
    if len(content) > LARGEST:
        raise JsonError(f"файл больше {LARGEST >> 20} МБ — это не описание")
    try:
        return json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_without_doubles, parse_constant=_no_number
        )
    except UnicodeDecodeError as error:
        raise JsonError(f"ожидается кодировка UTF-8, а байт {error.start + 1} не из неё") from error
    except json.JSONDecodeError as error:
        what = next((said for start, said in _SYNTAX if error.msg.startswith(start)), "ошибка записи JSON")
        raise JsonError(f"строка {error.lineno}, знак {error.colno}: {what}") from error
    except RecursionError as error:
        raise JsonError("скобки вложены слишком глубоко") from error
    except JsonError:
        raise
    except ValueError as error:  # a whole number of thousands of digits
        raise JsonError("в файле есть число из тысяч цифр") from error


def cause(error: OSError) -> str:
    """Why a file is not opened, in Russian."""
    return _CAUSES.get(error.errno or 0, error.strerror or "неизвестная причина")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        seen: set[str] = set()
        double = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        beside = ", ".join(f"{key}: {_short(value)}" for key, value in list(content.items())[:3])
        raise JsonError(f"ключ «{double}» стоит дважды в одном объекте ({beside} …): какой верен?")
    return content


def _short(value: Any) -> str:
    text = str(value) if isinstance(value, str | int | float) else "…"
    return text if len(text) <= 30 else f"{text[:27]}…"


def _no_number(text: str) -> NoReturn:
    raise JsonError(f"«{text}» — не число: в JSON такого значения нет")
