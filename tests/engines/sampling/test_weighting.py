"""Weights of a study: a worked example to ten digits, rates, margins, replicates, files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pyreadstat
import pytest
from typer.testing import CliRunner, Result

from oko.cli import app
from oko.engines.sampling.weighting.margins import rake
from oko.engines.sampling.weighting.weights import trimmed, verdicts

EXAMPLE = json.loads((Path(__file__).with_name("data") / "weights_example.json").read_text())
COLUMNS = (
    *("stratum", "school", "mos", "stratum_mos", "n_sampled", "status", "classes_total", "classes_sampled"),
    *("students_eligible", "students_tested", "enrol_actual"),
)


class Desk:
    """A folder with the schools of the worked example."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.study, self.out = folder, folder / "study.csv", folder / "weights.csv"
        self.rows = [{name: row[name] for name in COLUMNS} for row in EXAMPLE["input_and_weights"]]

    def run(self, *options: str) -> Result:
        with self.study.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(self.rows)
        named = () if "--out" in options else ("--out", str(self.out))
        return CliRunner().invoke(app, ["sample", "weights", str(self.study), *named, *options])

    def weighed(self, *options: str) -> dict[str, Any]:
        result = self.run(*options, "--json")
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_worked_example_is_reproduced(desk: Desk) -> None:
    """Steps of TIMSS and PISA on nine schools; weights to 1e-10."""
    found = desk.weighed()

    for school, expected in zip(found["schools"], EXAMPLE["input_and_weights"], strict=True):
        for name in ("bw_school", "adj_school", "w_class", "adj_student", "w_final"):
            if expected[name] is None:
                assert school[name] is None
            else:
                assert school[name] == pytest.approx(expected[name], rel=1e-12, abs=1e-10)
    for name, value in EXAMPLE["rates"].items():
        assert found["rates"][name] == pytest.approx(value, abs=1e-10)
    assert found["kish_deff"] == pytest.approx(EXAMPLE["kish_deff"], abs=1e-10)
    assert found["estimated_population"] == pytest.approx(EXAMPLE["estimated_population"], abs=1e-8)


def test_the_table_holds_the_steps_beside_the_schools(desk: Desk) -> None:
    desk.weighed()
    with desk.out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert [row["school"] for row in rows] == [row["school"] for row in desk.rows]
    assert float(rows[0]["w_final"]) == pytest.approx(EXAMPLE["input_and_weights"][0]["w_final"], abs=1e-10)
    assert rows[3]["w_final"] == "", "a school that did not take part has no weight"


def test_known_totals_are_met(desk: Desk) -> None:
    margins = desk.folder / "margins.csv"
    margins.write_text("column,value,total\nstratum,urban,13000\nstratum,rural,2500\n")

    found = desk.weighed("--margins", str(margins))

    assert found["margins"]["converged"] is True
    assert found["estimated_population"] == pytest.approx({"urban": 13000, "rural": 2500})


def test_raking_meets_two_margins_and_says_when_it_cannot() -> None:
    """Deming and Stephan: rows and columns of a table in turn."""
    values = {"sex": np.array(["m", "m", "f", "f"]), "place": np.array(["c", "v", "c", "v"])}
    weighted = np.array([10.0, 20, 30, 40])
    met = rake(weighted, values, {"sex": {"m": 60, "f": 40}, "place": {"c": 50, "v": 50}})
    against = rake(weighted, values, {"sex": {"m": 60, "f": 40}, "place": {"c": 80, "v": 50}})

    table = (weighted * met.factor).reshape(2, 2)
    assert met.converged
    assert table.sum(axis=1) == pytest.approx([60, 40])
    assert table.sum(axis=0) == pytest.approx([50, 50])
    odds = table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0])
    assert odds == pytest.approx(10 * 40 / (20 * 30)), "raking keeps the odds ratio"
    assert not against.converged
    assert against.off > 0.01


def test_large_weights_are_cut_and_the_sum_stays() -> None:
    weights, students = np.array([1.0, 1, 1, 9, np.nan]), np.array([10.0, 10, 10, 10, 0])

    found, cut = trimmed(weights, np.array(["x"] * 5), students, most=3)

    assert cut == 1
    assert found[3] == 3
    assert np.nansum(found * students) == pytest.approx(120)


@pytest.mark.parametrize(
    ("method", "columns"), [("jk1", 6), ("jkn", 6), ("jk2-half", 3), ("jk2", 6), ("brr", 4), ("fay", 4)]
)
def test_replicates_leave_the_sum_of_weights_about_as_it_is(desk: Desk, method: str, columns: int) -> None:
    desk.weighed("--replicates", method)
    with desk.out.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["w_final"]]
    names = [name for name in rows[0] if name.startswith(("RWGT", "W_FSTURWT"))]

    assert len(names) == columns
    assert sorted({row["JKZONE"] for row in rows}) == ["1", "2", "3"]
    if method == "fay":
        assert {round(float(row[names[0]]) / float(row["w_final"]), 9) for row in rows} == {0.5, 1.5}


def test_files_for_r_and_spss_hold_the_same_and_say_what_it_is(desk: Desk) -> None:
    sav, parquet, codebook = (desk.folder / name for name in ("w.sav", "w.parquet", "codebook.csv"))
    desk.weighed("--out", str(sav), "--codebook", str(codebook))
    desk.weighed("--out", str(parquet))
    frame, told = pyreadstat.read_sav(sav, user_missing=True)
    table = pq.read_table(parquet)

    assert told.column_names_to_labels["TOTWGT"] == "Total student weight (= w_final)"
    assert told.missing_ranges["w_final"] == [{"lo": -9.0, "hi": -9.0}]
    assert told.variable_value_labels["w_final"] == {-9.0: "нет данных"}
    weights = [value if value is not None else -9.0 for value in table.column("w_final").to_pylist()]
    assert frame["w_final"].tolist() == pytest.approx(weights)
    with codebook.open(encoding="utf-8-sig", newline="") as file:
        described = {row["variable"]: row for row in csv.DictReader(file)}
    assert list(described) == told.column_names
    assert (described["mos"]["type"], described["school"]["type"]) == ("number", "text")


def change(row: int, **values: Any) -> Any:
    return lambda rows: rows[row].update(values)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (change(0, status="вернулась"), "строка 2: status «вернулась»"),
        (change(1, mos=-5), "строка 3, столбец «mos»: найдено «-5»"),
        (change(0, stratum_mos="много"), "столбец «stratum_mos»"),
        (change(0, classes_sampled=9), "отобрано больше классов"),
        (change(0, students_tested=99), "писало больше"),
        (change(2, classes_total=None), "столбец «classes_total»"),
    ],
)
def test_what_cannot_be_weighed_is_named(desk: Desk, spoil: Any, said: str) -> None:
    spoil(desk.rows)

    result = desk.run()

    assert result.exit_code == 2
    assert said in result.stderr
    assert not desk.out.exists()


def test_a_stratum_where_nobody_took_part_is_said_and_the_rest_weighed(desk: Desk) -> None:
    for row in desk.rows:
        if row["stratum"] == "rural":
            row["status"] = "nonresponse"

    found = desk.weighed()

    assert any("Ячейка «rural»" in note for note in found["warnings"])
    assert found["estimated_population"] == pytest.approx({"urban": 12529.1979949875, "rural": 0})


def test_a_school_where_nobody_wrote_counts_as_refused(desk: Desk) -> None:
    desk.rows[0]["students_tested"] = 0

    found = desk.weighed()

    assert found["n_participating"] == 5
    assert any("ни один ученик не писал" in note for note in found["warnings"])


def test_margins_of_what_is_not_there_are_named(desk: Desk) -> None:
    margins = desk.folder / "margins.csv"
    margins.write_text("column,value,total\nstratum,urban,13000\nstratum,mountain,2500\n")

    result = desk.run("--margins", str(margins))

    assert result.exit_code == 2
    assert "«stratum» = «mountain»" in result.stderr


def test_an_unknown_method_and_kind_of_file_are_named(desk: Desk) -> None:
    assert "бывает jk1" in desk.run("--replicates", "boot").stderr
    assert ".sav" in desk.run("--out", str(desk.folder / "w.xls")).stderr


@pytest.mark.parametrize(
    ("school", "after", "student", "timss", "pisa"),
    [
        (0.9, 0.9, 0.9, "выполнено", "выполнено"),
        (0.7, 0.95, 0.9, "выполнено только с заменами", "выполнено с заменами"),
        (0.6, 0.7, 0.9, "почти выполнено", "не выполнено: школ до замен меньше 65 %"),
        (0.4, 0.5, 0.9, "не выполнено", "не выполнено: школ до замен меньше 65 %"),
        (0.9, 0.9, 0.7, "почти выполнено", "не выполнено: учеников меньше 80 %"),
    ],
)
def test_the_standards_of_timss_and_pisa(
    school: float, after: float, student: float, timss: str, pisa: str
) -> None:
    rates = {f"student_{kind}": student for kind in ("weighted", "unweighted")}
    for kind in ("weighted", "unweighted"):
        rates |= {f"school_{kind}_before": school, f"school_{kind}_after": after}

    assert verdicts(rates) == {"timss": timss, "pisa": pisa}
