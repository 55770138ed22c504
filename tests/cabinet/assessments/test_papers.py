"""Papers: seen by all, loaded from a file by the federal organiser, fixed once protocols were accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from oko.cabinet.assessments.actions import record_progress
from oko.cabinet.assessments.models import Paper
from oko.cabinet.assessments.papers_file import read_papers
from oko.engines.papers import SHIPPED_PAPERS


def a_paper(**changes: Any) -> dict[str, Any]:
    return {
        "code": "chem8",
        "subject": "Химия",
        "grade": 8,
        "scale": [5, 10, 15],
        "items": [["1", 10], ["2K1", 6], ["2.2", 4]],
        "levels": ["Б", "П", "В"],
        **changes,
    }


def read(*papers: Any) -> list[str]:
    return read_papers(json.dumps({"papers": papers}).encode())[1]


def send(world: Any, content: bytes, who: str = "federal") -> Any:
    file = SimpleUploadedFile("papers.json", content)
    return world.client(who).post("/papers/import/", {"file": file})


def test_shipped_papers_are_read_without_a_fault() -> None:
    papers, faults = read_papers(SHIPPED_PAPERS.read_bytes())
    assert faults == []
    assert {"rus4", "mat4"} <= {paper.code for paper in papers}


def test_latin_letter_in_an_item_code_becomes_cyrillic() -> None:
    papers, _faults = read_papers(json.dumps({"papers": [a_paper()]}).encode())
    assert [item.code for item in papers[0].items] == ["1", "2К1", "2.2"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"code": "Химия 8"}, "code: ожидаются латинские буквы"),
        ({"subject": ""}, "subject: ожидается название"),
        ({"grade": 99}, "grade: найдено «99»"),
        ({"grade": True}, "grade: найдено «True»"),
        ({"parts": 2, "minutes": [45]}, "частей 2, а длительностей 1"),
        ({"variants": [1, 1]}, "варианты повторяются"),
        ({"variants": "1,2"}, "variants: ожидается список"),
        ({"max": 21}, "max: указано 21, а сумма баллов заданий 20"),
        ({"scale": [10, 5, 15]}, "должны возрастать"),
        ({"scale": [5, 10]}, "три целых числа"),
        ({"scale": [5, 10, 25]}, "для «5» нужно 25, а максимум работы 20"),
        ({"items": []}, "items: ожидается список"),
        ({"items": [["1", 10], ["1", 5], ["3", 5]]}, "задание 1: стоит дважды"),
        ({"items": [["1", 10], ["первое", 5], ["3", 5]]}, "задание первое: код не похож"),
        ({"items": [["1", 10], ["2", "два"], ["3", 5]]}, "задание 2: балл «два»"),
        ({"items": [["1", 10], "2", ["3", 5]]}, "задание 2 по порядку: ожидается пара"),
        ({"levels": ["Б"]}, "levels: заданий 3, а значений 1"),
        ({"levels": ["Б", "Щ", "В"]}, "задание 2K1: уровень «Щ»"),
        ({"item_parts": [1, 2, 1]}, "задание 2K1: часть «2», а частей 1"),
        ({"date": "21.04.2026"}, "date: найдено «21.04.2026»"),
    ],
)
def test_fault_is_told_with_its_paper_and_item(changes: dict[str, Any], told: str) -> None:
    faults = read(a_paper(**changes))
    assert any(told in fault and fault.startswith("Работа «") for fault in faults), faults


def test_every_fault_is_told_at_once() -> None:
    faults = read(a_paper(grade=0, scale=[]), a_paper(code="chem8"), "не работа")
    assert len(faults) == 4


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"[]", b'{"papers": []}', b"[" * 100_000, b"\xff\xfe", b"9" * 5000]
)
def test_file_that_is_no_list_of_papers_is_answered_in_words(content: bytes) -> None:
    papers, faults = read_papers(content)
    assert papers == []
    assert len(faults) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from([*sorted(a_paper()), "parts", "minutes", "max", "skills", "areas"]), json_values
    )
)
def test_whatever_stands_in_a_paper_is_answered_never_broken(changes: dict[str, Any]) -> None:
    papers, faults = read_papers(json.dumps({"papers": [a_paper(**changes)]}).encode())
    assert bool(papers) != bool(faults)


def test_import_makes_new_papers_and_changes_standing_ones(world: Any) -> None:
    page = send(world, SHIPPED_PAPERS.read_bytes())
    assert page.status_code == 302
    assert Paper.everything.filter(assessment=world.assessment).count() > 2
    rus = Paper.everything.get(pk=world.papers["rus4"].pk)
    assert rus.items.count() == 20
    assert world.client("technician").get("/papers/rus4/").status_code == 200
    assert str(rus.date) == "2026-04-21", "a file without a date leaves the date"


def test_file_with_a_fault_changes_nothing(world: Any) -> None:
    page = send(world, json.dumps({"papers": [a_paper(), a_paper(code="x", grade=0)]}).encode())
    assert page.status_code == 400
    assert "Ничего не изменено" in page.content.decode()
    assert "Работа «x»: grade" in page.content.decode()
    assert not Paper.everything.filter(code="chem8").exists()


def test_items_of_a_paper_with_accepted_protocols_do_not_change(world: Any) -> None:
    record_progress(world.steps["rus4"], world["school1"], "done")
    page = send(
        world, json.dumps({"papers": [a_paper(code="rus4", subject="Русский язык", grade=4)]}).encode()
    )
    assert page.status_code == 400
    assert "По этим работам уже приняты протоколы" in page.content.decode()
    assert Paper.everything.get(pk=world.papers["rus4"].pk).items.count() == 20
    assert send(world, SHIPPED_PAPERS.read_bytes()).status_code == 302, "the same items again change nothing"
    assert "больше не меняются" in world.client("federal").get("/papers/rus4/").content.decode()


def test_date_and_variants_are_changed_by_hand(world: Any) -> None:
    client = world.client("federal")
    form = {"date": "2026-05-05", "minutes": "45, 50", "variants": "1, 2; 5"}
    assert client.post("/papers/rus4/edit/", form).status_code == 302
    paper = Paper.everything.get(pk=world.papers["rus4"].pk)
    assert (str(paper.date), paper.minutes, paper.variants) == ("2026-05-05", [45, 50], [1, 2, 5])
    record_progress(world.steps["rus4"], world["school1"], "done")
    refused = client.post("/papers/rus4/edit/", {**form, "variants": "1"})
    assert "вариант 2, 5 убрать нельзя" in refused.content.decode()
    wrong = client.post("/papers/rus4/edit/", {**form, "minutes": "45", "variants": "а, б"}).content.decode()
    assert "Ожидается чисел: 2" in wrong
    assert "целые числа через запятую" in wrong


def test_scale_of_a_new_year_is_added_and_that_of_accepted_protocols_stays(world: Any) -> None:
    client = world.client("federal")
    scale = {"year": "2026", "three": "10", "four": "20", "five": "30"}
    assert client.post("/papers/rus4/scale/", scale).status_code == 302
    record_progress(world.steps["rus4"], world["school1"], "done")
    refused = client.post("/papers/rus4/scale/", {**scale, "three": "9"})
    assert "по прежней шкале" in refused.content.decode()
    assert client.post("/papers/rus4/scale/", {**scale, "year": "2027"}).status_code == 302
    too_high = client.post("/papers/rus4/scale/", {**scale, "year": "2028", "five": "99"}).content.decode()
    assert "Максимум работы — 38" in too_high
    falling = client.post("/papers/rus4/scale/", {**scale, "year": "2028", "four": "5"}).content.decode()
    assert "должны возрастать" in falling


@pytest.mark.parametrize("who", ["regional", "municipal", "technician"])
def test_only_the_federal_organiser_changes_papers(world: Any, who: str) -> None:
    client = world.client(who)
    assert client.get("/papers/rus4/").status_code == 200
    assert send(world, SHIPPED_PAPERS.read_bytes(), who).status_code == 403
    assert client.post("/papers/rus4/edit/", {}).status_code == 403
    assert client.post("/papers/rus4/scale/", {}).status_code == 403
