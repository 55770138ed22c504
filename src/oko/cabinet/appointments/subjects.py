"""Whether two names mean the same subject: schools write «алгебра» for what an assessment calls «Математика».

The families are data; a name that stands in none of them is compared with itself.
"""

from __future__ import annotations

from collections.abc import Collection

from oko.cabinet.organisations.layout import fold

#: What one teacher of the family teaches, as schools name it. A name may stand in several families.
FAMILIES: tuple[tuple[str, ...], ...] = (
    (
        "математика",
        "алгебра",
        "алгебра и начала математического анализа",
        "геометрия",
        "вероятность и статистика",
    ),
    ("русский язык", "родной язык русский", "родной русский язык", "родной русский"),
    ("литература", "родная литература", "родная литература русская"),
    ("история", "история россии", "всеобщая история"),
    ("обществознание", "обществознание включая экономику и право", "право", "экономика"),
    ("информатика", "информатика и икт", "икт"),
    ("физика", "физика и астрономия", "астрономия"),
    ("английский язык", "английский", "иностранный язык", "иностранный язык английский"),
    ("немецкий язык", "немецкий", "иностранный язык", "иностранный язык немецкий"),
    ("французский язык", "французский", "иностранный язык", "иностранный язык французский"),
    ("окружающий мир", "естествознание начальная школа"),
)
#: A teacher of the primary classes is a specialist in these, where the work is of the primary classes.
PRIMARY_TEACHERS = frozenset({"начальные классы", "учитель начальных классов", "начальная школа"})
PRIMARY_SUBJECTS = frozenset({"русский язык", "математика", "окружающий мир", "литературное чтение"})
LAST_PRIMARY_GRADE = 4

_KNOWN = [frozenset(fold(name) for name in family) for family in FAMILIES]


def same_subject(one: str, other: str) -> bool:
    """«Русский язык» and «русский язык», «Математика» and «алгебра»; not «русский язык» and «литература»."""
    first, second = fold(one), fold(other)
    return first == second or any(first in family and second in family for family in _KNOWN)


def speciality_in(subject: str, specialities: Collection[str], grades: Collection[int] = ()) -> str | None:
    """The one of the person's specialities that makes them a specialist in the subject, if any.

    `grades` are those in which the assessment has works in the subject: where all of them are primary, so
    is the teacher of the primary classes.
    """
    primary = bool(grades) and max(grades) <= LAST_PRIMARY_GRADE and fold(subject) in PRIMARY_SUBJECTS
    for one in specialities:
        if same_subject(one, subject) or (primary and fold(one) in PRIMARY_TEACHERS):
            return one
    return None
