"""Samples drawn by a plan: the same as in R, repeatable, explained; what cannot be drawn is named."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from oko.cli import app
from oko.engines.sampling.drawing.frame import ordered
from oko.engines.sampling.drawing.selecting import allocate, systematic_pps

DATA = Path(__file__).with_name("data")
HIGH_SCHOOLS = DATA / "api_high_schools.csv"
PLAN: dict[str, Any] = {
    "id": "cds",
    "measure": "enroll",
    "stratify": ["stype"],
    "strata": [{"stratum": "H", "n": 50, "start": 0.72}],
    "implicit": ["cnum", "enroll"],
    "exclusions": [{"column": "enroll", "missing": True, "below": 1, "reason": "нет учеников"}],
}


class Desk:
    """A folder with a frame and a plan."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.frame, self.plan, self.out = folder / "frame.csv", folder / "plan.json", folder / "sample.csv"

    def frame_of(self, *rows: str) -> None:
        self.frame.write_text("id,stratum,size\n" + "\n".join(rows) + "\n", encoding="utf-8")

    def planned(self, **changed: Any) -> None:
        plan = {"id": "id", "measure": "size", "stratify": ["stratum"], "implicit": ["size"], **changed}
        self.plan.write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")

    def run(self, *options: str) -> Result:
        return CliRunner().invoke(
            app, ["sample", "draw", str(self.frame), str(self.plan), "--out", str(self.out), *options]
        )

    def drawn(self, *options: str) -> dict[str, Any]:
        result = self.run(*options, "--json")
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def sample(self) -> list[dict[str, str]]:
        with self.out.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_high_schools_of_california_are_drawn_as_r_draws_them(desk: Desk) -> None:
    """R package sampling 2.9 on the population of R survey's `apipop`."""
    desk.frame.write_bytes(HIGH_SCHOOLS.read_bytes())
    desk.plan.write_text(json.dumps(PLAN), encoding="utf-8")
    expected = json.loads((DATA / "pps_systematic.json").read_text())

    (stratum,) = desk.drawn()["strata"]
    rows = desk.sample()
    chosen = [row for row in rows if row["status"] == "selected"]

    assert (stratum["frame_size"], stratum["interval"]) == (expected["frame_size"], expected["interval"])
    assert [int(row["id"]) for row in chosen] == expected["selected_cds"]
    assert [float(row["probability"]) for row in chosen] == pytest.approx(expected["prob"], abs=1e-13)
    assert [float(row["weight"]) for row in chosen] == pytest.approx(expected["base_weight"], abs=1e-10)
    for number in (1, 2):
        found = {row["replaces"]: int(row["id"]) for row in rows if row["status"] == f"replacement {number}"}
        assert [found.get(row["id"]) for row in chosen] == expected[f"replacement{number}_cds"]
    assert chosen[0]["id"].startswith("0"), "codes keep their zeros"


def test_large_units_are_certain_round_by_round(desk: Desk) -> None:
    desk.frame_of("a,x,1000", "b,x,300", *(f"c{n},x,10" for n in range(20)))
    desk.planned(strata=[{"stratum": "x", "n": 4}], replacements=0)

    (stratum,) = desk.drawn("--seed", "1")["strata"]

    assert stratum["certainty_rounds"] == [["a"], ["b"]]
    assert stratum["interval"] == 100
    statuses = {row["id"]: (row["status"], float(row["weight"])) for row in desk.sample()}
    assert statuses["a"] == statuses["b"] == ("certainty", 1.0)
    assert len(statuses) == 4


def test_a_seed_repeats_the_draw_and_other_strata_do_not_disturb_it(desk: Desk) -> None:
    desk.frame_of(*(f"{name}{n},{name},{n + 5}" for name in "xy" for n in range(30)))
    desk.planned(strata=[{"stratum": "x", "n": 5}, {"stratum": "y", "n": 5}])
    first = desk.drawn("--seed", "7")
    again = desk.drawn("--seed", "7")
    desk.planned(strata=[{"stratum": "x", "n": 5}, {"stratum": "y", "n": 9}])

    changed = desk.drawn("--seed", "7")

    assert first == again
    assert changed["strata"][0] == first["strata"][0]
    assert desk.drawn("--seed", "8")["strata"][0]["start"] != first["strata"][0]["start"]


@pytest.mark.parametrize("method", ["simple", "systematic", "pps"])
def test_weights_add_up_to_the_frame(desk: Desk, method: str) -> None:
    desk.frame_of(*(f"s{n},x,20" for n in range(60)))
    desk.planned(strata=[{"stratum": "x", "n": 12}], method=method)

    drawn = desk.drawn("--seed", "3")

    assert drawn["sum_of_weights"] == pytest.approx(60)
    assert sum(row["status"] == "selected" for row in desk.sample()) == 12


def test_classes_are_drawn_within_schools(desk: Desk) -> None:
    desk.frame.write_text(
        "id,stratum,size,classes\n" + "".join(f"s{n},x,50,{1 + n % 4}\n" for n in range(12))
    )
    desk.planned(strata=[{"stratum": "x", "n": 8}], second_stage={"count": "classes", "n": 2}, replacements=0)

    desk.drawn("--seed", "2")

    for row in desk.sample():
        there = 1 + int(row["id"][1:]) % 4
        classes = [int(one) for one in row["second_stage"].split()]
        assert len(set(classes)) == len(classes) == min(2, there)
        assert max(classes) <= there
        assert float(row["second_stage_weight"]) == there / len(classes)


@pytest.mark.parametrize(
    ("allocation", "expected"),
    [("proportional", [6, 24]), ("equal", [15, 15]), ("neyman", [20, 10])],
)
def test_a_total_is_shared_out(desk: Desk, allocation: str, expected: list[int]) -> None:
    """40 schools of 10 and 40 of 40 students; the small ones spread twice as much."""
    desk.frame_of(*(f"x{n},x,10" for n in range(40)), *(f"y{n},y,40" for n in range(40)))
    strata = [{"stratum": "x", "n": 0, "sd": 2}, {"stratum": "y", "n": 0, "sd": 1}]
    desk.planned(strata=strata, total=30, allocation=allocation)

    assert [one["n"] for one in desk.drawn("--seed", "1")["strata"]] == expected


def test_a_serpentine_turns_in_every_second_group() -> None:
    first = np.array([2, 1, 1, 2, 3, 3, 1], float)
    second = np.array([5, 7, 3, 9, 1, 2, 3], float)

    order = ordered([first, second], np.arange(7, dtype=float), serpentine=True)

    assert [(first[n], second[n]) for n in order] == [(1, 3), (1, 3), (1, 7), (2, 9), (2, 5), (3, 1), (3, 2)]
    assert order[:2].tolist() == [2, 6], "ties by id, ascending"


@given(
    st.lists(st.integers(1, 500), min_size=2, max_size=60),
    st.integers(1, 60),
    st.floats(0, 1, exclude_max=True),
)
def test_so_many_are_drawn_as_are_wanted(sizes: list[int], wanted: int, start: float) -> None:
    n = min(wanted, len(sizes))
    found = systematic_pps(np.array(sizes, float), n, start)

    assert len(found.places) == n
    assert found.probability.sum() == pytest.approx(n)
    assert (found.probability <= 1 + 1e-12).all()


@given(st.lists(st.tuples(st.floats(0.1, 50), st.integers(1, 40)), min_size=1, max_size=12), st.data())
def test_allocations_add_up_within_their_strata(strata: list[tuple[float, int]], data: st.DataObject) -> None:
    most = np.array([size for _, size in strata])
    least = 2
    total = data.draw(st.integers(int(np.minimum(most, least).sum()), int(most.sum())))

    found = allocate(total, np.array([share for share, _ in strata]), most, least)

    assert found.sum() == total
    assert (found <= most).all()
    assert (found >= np.minimum(least, most)).all()


@pytest.mark.parametrize(
    ("rows", "plan", "said"),
    [
        (["a,x,5", "a,x,6"], {}, "строка 3: код «a» уже стоит в строке 2"),
        (["a,x,5", "b,x,-1"], {}, "строка 3: «-1»"),
        (["a,x,5", "b,x,"], {}, "ожидается число больше 0"),
        (["a,x,5", "b,x,много"], {}, "«много»"),
        (["a,x,5", "b,y,6"], {}, "Страта «y» есть в списке"),
        (["a,x,5"], {"strata": [{"stratum": "x", "n": 1}, {"stratum": "z", "n": 1}]}, "Страты «z»"),
        (["a,x,5"], {"strata": [{"stratum": "x", "n": 3}]}, "нужно 3 организаций, а в ней 1"),
        (["a,x,5"], {"measure": "sise"}, "Может быть, «size»?"),
        (["a,x,5"], {"strata": [{"stratum": "x", "n": 1, "start": 1.5}]}, "start"),
        (["a,x,5"], {"stratas": []}, "такого ключа нет"),
        (["a,x,5"], {"measure": None}, "нужна measure"),
        (["a,x,5"], {"total": 5}, "total и allocation"),
        (
            ["a,x,5", "b,x,5", "c,y,5", "d,y,5"],
            {"strata": [], "total": 3, "allocation": "equal"},
            "total 3 мало",
        ),
        (["a,x,5"], {"exclusions": [{"column": "size", "above": 1}]}, "не осталось ни одной"),
        ([], {}, "ни одной строки"),
    ],
)
def test_what_cannot_be_drawn_is_named(desk: Desk, rows: list[str], plan: dict[str, Any], said: str) -> None:
    desk.frame_of(*rows)
    desk.planned(**{"strata": [{"stratum": "x", "n": 1}], **plan})

    result = desk.run()

    assert result.exit_code == 2
    assert said in result.stderr
    assert not desk.out.exists()


def test_a_semicolon_file_of_windows_is_read(desk: Desk) -> None:
    desk.frame.write_bytes("id;stratum;size\nшк1;село;12,5\nшк2;село;8\n".encode("cp1251"))
    desk.planned(strata=[{"stratum": "село", "n": 1}])

    desk.drawn("--seed", "1")

    assert desk.sample()[0]["id"] in ("шк1", "шк2")


def test_people_read_the_draw_as_a_table(desk: Desk) -> None:
    desk.frame_of("a,x,5", "b,x,6", "c,x,0")
    desk.planned(
        strata=[{"stratum": "x", "n": 2}], exclusions=[{"column": "size", "below": 1, "reason": "закрыта"}]
    )

    told = desk.run("--seed", "5").stdout

    assert "Отобрано 2 из 2 организаций, зерно 5." in told
    assert "Исключено 1: закрыта" in told
