"""`oko protocol` to the letter: one object, three exit codes, one line where a file cannot be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oko.engines.papers import SHIPPED_PAPERS
from tests.engines.forms.conftest import SAMPLES


def oko(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from oko.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | environment,
        check=False,
    )


def test_clean_protocol_exits_with_0_and_prints_one_object() -> None:
    done = oko("protocol", "read", SAMPLES / "y2020-rus4.xlsx", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(json.loads(done.stdout)) == [
        "layout",
        "paper",
        "rows",
        "present",
        "sum_of_totals",
        "not_attempted",
        "names_column",
        "findings",
    ]


def test_findings_exit_with_1() -> None:
    done = oko("protocol", "read", SAMPLES / "working-mat4-spoiled.xlsx", "--json")
    assert done.returncode == 1
    finding = json.loads(done.stdout)["findings"][0]
    assert list(finding) == ["cell", "kind", "found", "expected", "message"]


def test_table_for_people_names_cell_and_remedy_whatever_the_locale() -> None:
    done = oko(
        "protocol", "read", SAMPLES / "working-mat4-spoiled.xlsx", LANG="C", LC_ALL="C", PYTHONUTF8="0"
    )
    assert done.returncode == 1
    assert "Участников:" in done.stdout
    assert "F71" in done.stdout
    assert "«99»" in done.stdout


def test_file_that_cannot_be_read_exits_with_2_and_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "протокол.xlsx"
    broken.write_bytes((SAMPLES / "f1-mat4.xlsx").read_bytes()[:3000])
    for path in (broken, tmp_path / "нет.xlsx", tmp_path, SAMPLES / "expected.json"):
        done = oko("protocol", "read", path, "--json", LANG="C")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_standard_streams_do_not_matter(closed: tuple[int, ...]) -> None:
    program = "import os, sys\n"
    program += "".join(f"os.close({stream})\n" for stream in closed)
    program += (
        "os.execv(sys.executable, [sys.executable, '-c', 'from oko.cli import main; main()', *sys.argv[1:]])"
    )
    command = [sys.executable, "-c", program, "protocol", "read"]
    done = subprocess.run([*command, SAMPLES / "working-mat4-spoiled.xlsx"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    done = subprocess.run([*command, SAMPLES / "expected.json"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["[]", "{", '{"papers": [{"code": "x"}]}', None])
def test_bad_file_of_papers_exits_with_2_and_one_line(content: str | None, tmp_path: Path) -> None:
    papers = tmp_path / "papers.json"
    if content is not None:
        papers.write_text(content)
    done = oko("protocol", "read", SAMPLES / "f1-mat4.xlsx", "--papers", papers, "--json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_paper_may_be_fixed_and_papers_may_be_others(tmp_path: Path) -> None:
    papers = tmp_path / "papers.json"
    content = json.loads(SHIPPED_PAPERS.read_text(encoding="utf-8"))
    content["papers"] = [paper | {"code": "okr4"} for paper in content["papers"] if paper["code"] == "mat4"]
    papers.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    done = oko(
        "protocol", "read", SAMPLES / "recent-mat4.xlsx", "--papers", papers, "--paper", "okr4", "--json"
    )
    assert (done.returncode, json.loads(done.stdout)["paper"]) == (0, "okr4")
    done = oko("protocol", "read", SAMPLES / "recent-mat4.xlsx", "--paper", "rus4", "--json")
    assert (done.returncode, json.loads(done.stdout)["findings"][0]["kind"]) == (1, "another paper")
    done = oko("protocol", "read", SAMPLES / "recent-mat4.xlsx", "--paper", "xyz", "--json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_built_protocol_can_be_read_and_marked(tmp_path: Path) -> None:
    codes, blank, marked = tmp_path / "codes.txt", tmp_path / "blank.xlsx", tmp_path / "marked.xlsx"
    codes.write_text("40001;4А\n40002;4Б\n", encoding="utf-8")
    assert oko("protocol", "build", "rus4", "--codes", codes, "-o", blank).returncode == 0
    reading = json.loads(oko("protocol", "read", blank, "--json").stdout)
    assert (reading["layout"], reading["paper"], reading["rows"]) == ("oko1", "rus4", 2)
    assert oko("protocol", "mark", blank, "-o", marked).returncode == 1
    assert marked.read_bytes().startswith(b"PK")


def test_help_and_protocol_start_without_django() -> None:
    told = oko("--help")
    assert told.returncode == 0
    assert {"protocol", "serve", "demo"} <= set(told.stdout.split())
    program = (
        "import sys; sys.argv = ['oko', 'protocol', '--help']\n"
        "from oko.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'django', 'openpyxl', 'xlsxwriter'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
