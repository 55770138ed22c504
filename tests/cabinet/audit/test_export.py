"""A file for a third party: verified without the database and without our keys."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from oko.cabinet.audit import checkpoints, cli, sealing
from oko.cabinet.audit.exported import ExportFileError, verify_file
from oko.cabinet.audit.exporting import export
from oko.cabinet.audit.findings import Kind
from oko.cabinet.audit.keys import Ed25519PrivateKey, fingerprint, public_key
from oko.cabinet.audit.models import Seal
from tests.cabinet.audit.conftest import events, query, seal

Lines = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _small_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)


@pytest.fixture
def exported(audit_root: Path, tmp_path: Path) -> Path:
    events(7)
    seal()
    return exported_to(tmp_path / "all.jsonl.gz")


def exported_to(path: Path, **when: Any) -> Path:
    export(path, query(), public_key(), checkpoints.read(checkpoints.checkpoints_path()), **when)
    return path


def bent(path: Path, change: Callable[[Lines], Any]) -> Path:
    """The same file with its lines changed."""
    with gzip.open(path, "rt") as file:
        lines = [json.loads(line) for line in file]
    change(lines)
    with gzip.open(path, "wt") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return path


def at(lines: Lines, key: str, place: int = 0) -> int:
    return [number for number, line in enumerate(lines) if key in line][place]


def first(path: Path) -> Kind:
    return verify_file(path, public_key()).breaks[0].kind


def test_export_is_whole(exported: Path) -> None:
    outcome = verify_file(exported)
    assert outcome.whole
    assert (outcome.events, outcome.links) == (7, 3)
    assert outcome.fingerprint == fingerprint(public_key())


def test_export_tells_how_it_is_verified_and_holds_no_secret_key(exported: Path) -> None:
    with gzip.open(exported, "rt") as file:
        text = file.read()
    head = json.loads(text.splitlines()[0])
    assert "SHA-256" in head["how_to_verify"]["ru"]
    assert "SHA-256" in head["how_to_verify"]["en"]
    assert "PRIVATE" not in text


def test_part_of_the_journal_begins_at_a_signed_link(exported: Path, tmp_path: Path) -> None:
    later = Seal.objects.get(seq=2).sealed_at
    part = verify_file(exported_to(tmp_path / "part.gz", since=later), public_key())
    assert part.whole
    assert (part.events, part.links) == (4, 2)
    nothing = verify_file(exported_to(tmp_path / "none.gz", until=later - timedelta(days=1)), public_key())
    assert nothing.whole
    assert nothing.events == 0


def test_bent_export_is_found(exported: Path, tmp_path: Path) -> None:
    original = exported.read_bytes()

    def after(change: Callable[[Lines], Any]) -> Kind:
        exported.write_bytes(original)
        return first(bent(exported, change))

    def other_body(lines: Lines) -> None:
        lines[at(lines, "event", 2)]["body"] += " "

    def swapped(lines: Lines) -> None:
        one, two = lines[at(lines, "event", 0)], lines[at(lines, "event", 5)]
        one["event"], two["event"] = two["event"], one["event"]

    assert after(other_body) is Kind.EVENT_CHANGED
    assert after(lambda lines: lines.pop(at(lines, "event", 1))) is Kind.EVENT_REMOVED
    assert after(swapped) in (Kind.EVENT_REMOVED, Kind.EVENTS_REORDERED)
    assert after(lambda lines: lines.pop(at(lines, "link", 1))) is Kind.LINK_REMOVED
    assert after(lambda lines: lines.pop()) is Kind.FILE_INCOMPLETE
    forged = {"event": 10**6, "mac": "00", "body": "{}"}
    assert after(lambda lines: lines.insert(at(lines, "end"), forged)) is Kind.EVENT_INSERTED


def test_export_of_somebody_else_is_not_ours(exported: Path) -> None:
    stranger = Ed25519PrivateKey.generate().public_key()
    assert verify_file(exported, stranger).breaks[0].kind in (Kind.LINK_FORGED, Kind.CHECKPOINT_FORGED)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "не выгрузка"),
        (b"not gzip", "gzip"),
        (gzip.compress(b"{}\n", mtime=0), "не выгрузка"),
        (gzip.compress(b"[1]\n", mtime=0), "строка 1"),
        (gzip.compress(b"\xff\xfe\n", mtime=0), "строка 1"),
        (gzip.compress(b'{"format":"oko-audit-export-1"}\n', mtime=0)[:-12], "оборван|повреждён|не открытый"),
        (gzip.compress(b'{"format":"oko-audit-export-1","public_key":"x"}\n', mtime=0), "не открытый ключ"),
    ],
)
def test_what_is_no_export_is_refused_in_words(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(content)
    answer = CliRunner().invoke(cli.app, ["verify", "--file", str(path)])
    assert answer.exit_code == 2
    assert any(word in answer.output for word in told.split("|")), answer.output


def test_file_cut_off_is_refused(exported: Path) -> None:
    exported.write_bytes(exported.read_bytes()[:-40])
    with pytest.raises(ExportFileError, match="оборван"):
        verify_file(exported)


def test_line_of_nonsense_is_refused(exported: Path) -> None:
    bent(exported, lambda lines: lines.insert(1, {"link": {"seq": "один"}}))
    with pytest.raises(ExportFileError, match="не понята"):
        verify_file(exported)


def test_command_verifies_a_file_and_says_whose_key_it_took(exported: Path, audit_root: Path) -> None:
    answer = CliRunner().invoke(cli.app, ["verify", "--file", str(exported)])
    assert answer.exit_code == 0
    assert "Журнал цел" in answer.output
    assert "сверьте отпечаток" in answer.output
    key = str(audit_root / "sealer-key.pub.pem")
    answer = CliRunner().invoke(cli.app, ["verify", "--json", "--file", str(exported), "--public-key", key])
    assert json.loads(answer.stdout)["whole"] is True
