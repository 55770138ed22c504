"""What pydantic found wrong in a definition, in Russian: where, what was found, what is expected."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

_EXPECTED = {
    "missing": "ключ обязателен",
    "string_type": "ожидается текст",
    "int_type": "ожидается целое число",
    "int_from_float": "ожидается целое число",
    "int_parsing": "ожидается целое число",
    "float_type": "ожидается число",
    "float_parsing": "ожидается число",
    "finite_number": "ожидается обычное число",
    "bool_type": "ожидается true или false",
    "bool_parsing": "ожидается true или false",
    "tuple_type": "ожидается список",
    "list_type": "ожидается список",
    "model_type": "ожидается объект в фигурных скобках",
    "model_attributes_type": "ожидается объект в фигурных скобках",
    "string_pattern_mismatch": "ожидается код: латинские буквы, цифры, точка, дефис",
    "int_parsing_size": "ожидается число поменьше",
    "bytes_type": "ожидается текст",
    "recursion_loop": "скобки вложены слишком глубоко",
}
#: What a key `kind` may be, by the key in which it stands.
_KINDS = {"fields": "marks, characters, area, signature, text", "anchors": "marks, frame, image, paper"}


def in_russian(error: ValidationError, schema: str) -> list[str]:
    """One line for each thing that is wrong; `schema` is the command that says what is right."""
    return [_line(entry, schema) for entry in error.errors(include_url=False)]


def _line(entry: Any, schema: str) -> str:
    where = _where(entry["loc"])
    found = "" if entry["type"] == "missing" else f" найдено «{_short(entry['input'])}»,"
    return f"{where}:{found} {_expected(entry, schema)}."


def _expected(entry: Any, schema: str) -> str:
    context = entry.get("ctx", {})
    match entry["type"]:
        case "greater_than":
            return f"ожидается больше {context['gt']:g}"
        case "greater_than_equal":
            return f"ожидается не меньше {context['ge']:g}"
        case "less_than":
            return f"ожидается меньше {context['lt']:g}"
        case "less_than_equal":
            return f"ожидается не больше {context['le']:g}"
        case "literal_error":
            return f"ожидается {context['expected'].replace(' or ', ' или ')}"
        case "too_short" | "string_too_short":
            return f"ожидается не меньше {context['min_length']} {_of_what(entry['type'])}"
        case "too_long" | "string_too_long":
            return f"ожидается не больше {context['max_length']} {_of_what(entry['type'])}"
        case "union_tag_not_found" | "union_tag_invalid":
            return f"нужен ключ kind, он бывает {_KINDS[_key(entry['loc'])]}"
        case "extra_forbidden":
            return f"такого ключа нет (смотрите {schema})"
        case "value_error":
            return str(context["error"])
    return _EXPECTED.get(entry["type"], f"значение не подходит (смотрите {schema})")


def _of_what(kind: str) -> str:
    return "(знаков)" if kind.startswith("string") else "(элементов списка)"


def _key(place: tuple[Any, ...]) -> str:
    """The last key that is no number."""
    return str([part for part in place if not isinstance(part, int)][-1])


def _where(place: tuple[Any, ...]) -> str:
    """«pages[1].fields[3].x_mm»; numbers from 1, as people count; the kind of a thing is no key."""
    text = ""
    for number, part in enumerate(place):
        before = place[max(0, number - 2) : number]
        if isinstance(part, int):
            text += f"[{part + 1}]"
        elif before[-1:] != ("anchors",) and not (before[:1] == ("fields",) and isinstance(before[-1], int)):
            text += f".{part}" if text else str(part)
    return text or "весь файл"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
