"""The organisations of the demo: two made-up regions. All names are invented."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from oko.cabinet.organisations.models import Kind, Level, Organisation, Ownership, Settlement

CITY, TOWN, VILLAGE = Settlement.CITY, Settlement.TOWN, Settlement.VILLAGE


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality, what its schools are called after, and how many they are by kind of settlement."""

    name: str
    of_name: str
    town_schools: int
    village_schools: int
    settlement: str


FIRST_REGION = "Демонстрационная область"
SECOND_REGION = "Учебный край"
MUNICIPALITIES = (
    Municipality("городской округ Заречный", "города Заречного", 20, 0, CITY),
    Municipality("Приозёрный район", "посёлка Приозёрного", 6, 9, TOWN),
    Municipality("Лесной район", "посёлка Лесного", 5, 9, TOWN),
    Municipality("Степной округ", "города Степного", 6, 7, CITY),
)
SECOND_MUNICIPALITIES = (
    Municipality("город Учебный", "города Учебного", 5, 0, CITY),
    Municipality("Таёжный район", "посёлка Таёжного", 1, 2, TOWN),
)
VILLAGES = (
    *(
        "Берёзовка",
        "Ключи",
        "Луговое",
        "Еловка",
        "Ёлкино",
        "Сосновка",
        "Родники",
        "Большие Поля",
        "Малые Поля",
    ),
    *(
        "Заозёрье",
        "Каменка",
        "Тихая Заводь",
        "Новосёлки",
        "Дальнее",
        "Рябиновка",
        "Кленовка",
        "Ивняки",
        "Журавли",
    ),
    *(
        "Вишнёвка",
        "Медовое",
        "Зелёный Луг",
        "Верхние Броды",
        "Нижние Броды",
        "Стрижи",
        "Ольховка",
        "Привольное",
    ),
    *("Светлое",),
)
#: Supervised by the regional centre wherever they stand: (short name, full name, kind, ownership, territory).
UNDER_THE_CENTRE = (
    ("Лицей-интернат № 1", "ГАОУ «Областной лицей-интернат № 1»", Kind.SCHOOL, Ownership.STATE, 0),
    ("Кадетский корпус", "ГБОУ «Демонстрационный кадетский корпус»", Kind.SCHOOL, Ownership.STATE, 3),
    ("Университетская гимназия", "ФГБОУ «Университетская гимназия»", Kind.SCHOOL, Ownership.FEDERAL, 0),
    ("Школа «Горизонт»", "ЧОУ «Школа «Горизонт»", Kind.SCHOOL, Ownership.PRIVATE, 0),
    ("Школа «Эрудит»", "АНО «Общеобразовательная школа «Эрудит»", Kind.SCHOOL, Ownership.PRIVATE, 1),
    ("Технический колледж", "ГБПОУ «Демонстрационный технический колледж»", Kind.COLLEGE, Ownership.STATE, 0),
    ("Аграрный техникум", "ГБПОУ «Степной аграрный техникум»", Kind.COLLEGE, Ownership.STATE, 3),
)


@dataclass
class Places:
    """The organisations of the demo by what they are."""

    federal: Organisation
    regions: list[Organisation] = field(default_factory=list)
    municipalities: list[Organisation] = field(default_factory=list)
    centre: Organisation | None = None
    schools: list[Organisation] = field(default_factory=list)
    colleges: list[Organisation] = field(default_factory=list)

    @property
    def all(self) -> list[Organisation]:
        above = [self.federal, *self.regions, *self.municipalities]
        return [*above, *([self.centre] if self.centre else []), *self.schools, *self.colleges]


def make_places(share: float = 1.0) -> Places:
    """Write all organisations. `share` < 1 leaves out schools, for tests."""
    villages = iter(random.Random("villages").sample(VILLAGES, len(VILLAGES)))  # noqa: S311  # not a secret
    places = Places(_make("fed", Kind.FEDERAL, "Федеральный организатор", "Федеральный организатор", None))
    first = _make_region(places, 97, FIRST_REGION, "Europe/Moscow")
    places.centre = _make(
        "rcoko97",
        Kind.CENTRE,
        f"Региональный центр оценки качества, {FIRST_REGION}",
        "РЦОКО",
        first,
        region=first,
    )
    _make_municipalities(places, first, 97, MUNICIPALITIES, villages, share)
    _make_under_the_centre(places, places.centre)
    second = _make_region(places, 98, SECOND_REGION, "Asia/Novosibirsk")
    _make_municipalities(places, second, 98, SECOND_MUNICIPALITIES, villages, share)
    return places


def _make(
    code: str, kind: str, name: str, short_name: str, supervisor: Organisation | None, **fields: Any
) -> Organisation:
    return Organisation.everything.create(
        code=code, kind=kind, name=name, short_name=short_name, supervisor=supervisor, **fields
    )


def _make_region(places: Places, digits: int, name: str, zone: str) -> Organisation:
    region = _make(
        f"reg{digits}", Kind.REGION, f"Министерство образования, {name}", name, places.federal, time_zone=zone
    )
    places.regions.append(region)
    return region


def _make_municipalities(
    places: Places,
    region: Organisation,
    digits: int,
    municipalities: tuple[Municipality, ...],
    villages: Iterator[str],
    share: float,
) -> None:
    number = 1
    for order, about in enumerate(municipalities, start=1):
        here = _make(
            f"mun{digits}{order:02}",
            Kind.MUNICIPALITY,
            f"Управление образования, {about.name}",
            about.name[0].upper() + about.name[1:],
            region,
            region=region,
            time_zone=region.time_zone,
        )
        places.municipalities.append(here)
        for name, short_name, settlement in _school_names(about, villages, share):
            school = _make(
                f"edu{digits}{number:04}",
                Kind.SCHOOL,
                name,
                short_name,
                here,
                region=region,
                municipality=here,
                ownership=Ownership.MUNICIPAL,
                settlement=settlement,
                levels=[Level.PRIMARY, Level.BASIC, Level.SECONDARY],
                time_zone=region.time_zone,
                delivery_address=f"{region.short_name}, {here.short_name}, {short_name}",
            )
            places.schools.append(school)
            number += 1


def _school_names(
    about: Municipality, villages: Iterator[str], share: float
) -> Iterator[tuple[str, str, str]]:
    towns, rural = (max(1, round(n * share)) if n else 0 for n in (about.town_schools, about.village_schools))
    for number in range(1, towns + 1):
        short = f"СОШ № {number} {about.of_name}"
        yield f"МБОУ «Средняя общеобразовательная школа № {number} {about.of_name}»", short, about.settlement
    for _ in range(rural):
        village = next(villages)
        yield f"МБОУ «Средняя общеобразовательная школа, {village}»", f"СОШ, {village}", VILLAGE


def _make_under_the_centre(places: Places, centre: Organisation) -> None:
    for number, (short_name, name, kind, ownership, territory) in enumerate(UNDER_THE_CENTRE, start=901):
        stands_in = places.municipalities[territory]
        levels = [Level.VOCATIONAL] if kind == Kind.COLLEGE else [Level.PRIMARY, Level.BASIC, Level.SECONDARY]
        organisation = _make(
            f"edu97{number:04}",
            kind,
            name,
            short_name,
            centre,
            region=centre.region,
            municipality=stands_in,
            ownership=ownership,
            settlement=MUNICIPALITIES[territory].settlement,
            levels=levels,
            delivery_address=f"{FIRST_REGION}, {stands_in.short_name}, {short_name}",
        )
        (places.colleges if kind == Kind.COLLEGE else places.schools).append(organisation)
