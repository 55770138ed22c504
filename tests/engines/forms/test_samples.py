"""Every sample protocol reads as `expected.json` says; the spoiled ones give these findings and no other."""

from __future__ import annotations

import json

import pytest

from oko.engines.forms import read_protocol
from oko.engines.papers import Paper
from tests.engines.forms.conftest import SAMPLES, found

EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_sample_reads_as_expected(name: str, papers: tuple[Paper, ...]) -> None:
    reading = read_protocol(SAMPLES / name, papers).to_json()
    expected = dict(EXPECTED[name])
    cells = [(finding["cell"], finding["kind"]) for finding in reading["findings"]]  # type: ignore[attr-defined]
    assert sorted(cells) == sorted(map(tuple, expected.pop("findings")))
    assert {key: reading[key] for key in expected} == expected


@pytest.mark.parametrize("name", [name for name in EXPECTED if "spoiled" not in name])
def test_sample_read_as_another_paper_is_told_so(name: str, papers: tuple[Paper, ...]) -> None:
    holds = EXPECTED[name]["paper"]
    for paper in papers:
        reading = read_protocol(SAMPLES / name, papers, paper=paper.code)
        assert reading.paper == holds
        kinds = {kind for _, kind in found(reading)}
        assert kinds == (set() if paper.code == holds else {"another paper"})


def test_layout_and_paper_do_not_depend_on_the_name_of_the_file(tmp_path, papers) -> None:  # type: ignore[no-untyped-def]
    renamed = tmp_path / "mat4-2022.xlsx"
    renamed.write_bytes((SAMPLES / "y2020-rus4.xlsx").read_bytes())
    reading = read_protocol(renamed, papers)
    assert (reading.layout, reading.paper) == ("y2020", "rus4")


def test_works_carry_scores_by_item_code_and_the_mark_of_the_scale(papers: tuple[Paper, ...]) -> None:
    work = read_protocol(SAMPLES / "recent-rus4.xlsx", papers).works[0]
    assert (work.participant, work.class_label, work.sex, work.prior_mark) == ("40005", "1", "м", 3)
    assert (work.variant_1, work.variant_2, work.status) == (2, 3, "present")
    assert (work.scores["1К1"], work.scores["6"], work.scores["15.2"]) == (4, -1, 1)
    assert (work.total, work.mark) == (27, 4)
