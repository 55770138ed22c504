"""Commands on answers: what they print and write, and what they say of files that are not as they should."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from pyarrow import csv
from typer.testing import CliRunner

from oko.engines.integrity.cli import app
from tests.engines.integrity.simulated_schools import simulate

HEADER = "school,class," + ",".join(f"i{item}" for item in range(1, 9))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    return simulate(5, schools=80, planted=12).write(path, range(40, 80))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def printed(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def pupils(random: np.random.Generator, count: int, values: str = "01") -> list[str]:
    return [",".join(random.choice(list(values), 8)) for _ in range(count)]


def written(path: Path, rows: list[str], header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["profile", "prediction", "homogeneity"])
def test_each_sign_tells_its_rule_its_norm_and_its_schools(answers: Path, command: str) -> None:
    extra = ["--by", "previous"] if command == "prediction" else ["--ignore", "previous"]
    found = printed(command, answers, *extra)
    assert found["rule"]["version"]
    assert found["norm"] == {"n_schools": 40}
    assert found["compared_with"] == "observed"
    assert found["explanations"]
    assert len(found["schools"]) == found["n_schools"] == 80
    assert set(found["schools"][0]) >= {"school", "n", "z", "p", "q", "flagged", "power", "picture"}


def test_without_the_column_no_norm_is_reported_and_it_is_said(answers: Path, tmp_path: Path) -> None:
    path = simulate(5, schools=80, planted=12).write(tmp_path / "unobserved.csv")
    found = printed("profile", path, "--ignore", "previous")
    assert found["norm"] is None
    assert found["compared_with"] == "region"
    assert any("observed" in warning for warning in found["warnings"])


def test_evidence_is_printed_and_written_as_a_table(answers: Path, tmp_path: Path) -> None:
    tables = []
    for name in ("schools.parquet", "schools.csv"):
        found = printed(
            "evidence", answers, "--cuts", "8,13,19", "--by", "previous", "--out", tmp_path / name
        )
        read = pq.read_table if name.endswith("parquet") else csv.read_csv
        tables.append(read(tmp_path / name))
    assert [sign["sign"] for sign in found["signs"]] == ["spikes", "profile", "prediction", "homogeneity"]
    assert len(found["correlations"]["matrix"]) == 4
    assert found["items"] == [f"i{item}" for item in range(1, 25)]
    assert "profile" in found["schools"][0]["signs_flagged"]
    for table in tables:
        assert table.column("school").to_pylist() == [one["school"] for one in found["schools"]]
        assert table.column("flagged").to_pylist() == [one["flagged"] for one in found["schools"]]
        assert table.column("profile_z").to_pylist() == pytest.approx(
            [one["signs"][1]["z"] for one in found["schools"]]
        )


def test_the_words_for_people_name_schools_and_never_a_violation(answers: Path) -> None:
    result = run("evidence", answers, "--by", "previous")
    assert "Школ 80, с признаками" in result.stdout
    assert "s000: z =" in result.stdout
    assert "По каждому признаку отдельно" in result.stdout
    assert "--cuts" in result.stderr
    assert "нарушен" not in result.output.lower()


def test_unknown_codes_are_counted_told_and_the_rest_reckoned(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    rows = [f"s{school},А,{row}" for school in range(50) for row in pupils(random, 20, "0011001101?")]
    found = printed("evidence", written(tmp_path / "unknown.csv", rows))
    told = " ".join(found["warnings"])
    assert "не X и не N" in told
    assert "«i1» — " in told
    assert [sign["sign"] for sign in found["signs"]] == ["profile", "prediction", "homogeneity"]
    assert all(one["z"] is not None for one in found["schools"])


def test_negative_and_fractional_scores_and_empty_schools_are_named(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    rows = [f"s{school},А,{row}" for school in range(20) for row in pupils(random, 15)]
    rows[3] = "s0,А,-7,1.5,0,1,0,1,0,1"
    rows[9] = ",А,1,1,0,1,0,1,0,1"
    found = printed("profile", written(tmp_path / "negative.csv", rows))
    told = " ".join(found["warnings"])
    assert "«i1» — 1 (строка 5), «i2» — 1 (строка 5)" in told
    assert "Строк без кода школы: 1, первая — 11" in told


def test_schools_of_one_to_four_pupils_are_reckoned_but_not_judged(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    sizes = [1 + school % 4 for school in range(20)] + [25] * 30
    rows = [
        f"s{school:02},А,{row}" for school, size in enumerate(sizes) for row in pupils(random, size, "0011")
    ]
    path = written(tmp_path / "small.csv", rows)
    for command in ("profile", "prediction", "homogeneity"):
        schools = printed(command, path)["schools"]
        assert all(one["q"] is None and not one["flagged"] for one in schools[:20])
        assert all(one["q"] is not None for one in schools[20:])


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("profile", "одинаковы"),
        ("prediction", "одинаковы"),
        ("homogeneity", "баллы различаются, 0"),
        ("evidence", "Ни один признак не посчитан"),
    ],
)
def test_constant_scores_say_why_nothing_is_reckoned(tmp_path: Path, command: str, told: str) -> None:
    rows = [f"s{school},А,1,1,1,1,1,1,1,1" for school in range(30) for _ in range(20)]
    result = run(command, written(tmp_path / "constant.csv", rows))
    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize(
    ("header", "row", "arguments", "told"),
    [
        ("place,i1,i2", "a,0,1", [], "нет столбца «school»"),
        ("school,i1,i2", "a,0,1", ["--class", "klass"], "нет столбца «klass»"),
        ("school,i1,i2", "a,0,1", ["--ignore", "i9"], "нет столбца «i9»"),
        ("school,name", "a,x", [], "нет ни одного столбца с целыми баллами"),
        ("school,observed,i1,i2", "a,возможно,0,1", [], "значение «возможно»"),
        ("school,i1,i2", ",0,1", [], "нет ни одной строки со школой"),
    ],
)
def test_files_that_cannot_be_read_are_answered_in_words(
    tmp_path: Path, header: str, row: str, arguments: list[str], told: str
) -> None:
    result = run("profile", written(tmp_path / "bad.csv", [row] * 3, header), *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_predictor_that_says_nothing_is_left_out_and_named(answers: Path, tmp_path: Path) -> None:
    lines = answers.read_text(encoding="utf-8").splitlines()
    more = [f"{lines[0]},same,double,word"]
    for line in lines[1:]:
        previous = float(line.split(",")[2])
        more.append(f"{line},1,{2 * previous + 1:.3f},слово")
    path = tmp_path / "predictors.csv"
    path.write_text("\n".join(more) + "\n", encoding="utf-8")
    found = printed("prediction", path, "--by", "previous,same,double,word")
    told = " ".join(found["warnings"])
    assert "«same» у всех школ одинаков" in told
    assert "«double» складывается из других" in told
    assert "«word»: ни одного числа" in told
    assert set(found["schools"][0]["picture"]["predictors"]) == {"previous"}


def test_a_table_of_another_kind_is_refused(answers: Path, tmp_path: Path) -> None:
    result = run("profile", answers, "--ignore", "previous", "--out", tmp_path / "table.docx")
    assert result.exit_code == 2
    assert ".csv или .parquet" in result.stderr
