"""The paper that codes travel on."""

from __future__ import annotations

import re

from oko.cabinet.access import issuing, letters
from tests.cabinet.access.conftest import take_codes
from tests.cabinet.conftest import World

ADDRESS = "https://oko.example.ru/activate/"


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_each_person_gets_a_page_of_their_own(world: World) -> None:
    issued = list(take_codes(world, "municipal", "school", "technician", "technician2").values())
    assert pages_of(letters.letters(issued, ADDRESS)) == 3 + 1, "and the sheet of signatures"
    assert pages_of(letters.code_list(issued, ADDRESS)) == 1 + 1


def test_long_names_and_typst_in_a_name_stay_text_on_one_page(world: World) -> None:
    school = world["school1"]
    school.name = "Муниципальное бюджетное общеобразовательное учреждение " * 7
    school.delivery_address = '#panic("x") $ \\ * _ ` [ ] < > @ ' + "Очень длинная улица, дом 1, " * 12
    school.save()
    person = world.appointments["school"].person
    person.full_name = "#sys.inputs.data Константинопольская-Переяславская " * 3
    person.save()
    issued: list[issuing.Issued] = list(take_codes(world, "municipal", "school").values())
    assert pages_of(letters.letters(issued, ADDRESS)) == 1 + 1
