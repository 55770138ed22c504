"""A batch goes through whatever happens: workers die, the command is killed, pages come twice."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from oko.engines.recognition.batch.journal import Journal
from oko.engines.recognition.batch.run import BatchError, Order, header_of, read_batch
from oko.engines.recognition.batch.sources import find_sources
from oko.engines.recognition.batch.tables import Outputs, Totals
from oko.engines.recognition.batch.tasks import PageJob, Setup, Start
from tests.engines.recognition.batch import fake_reader


class Notes:
    """What a batch told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []
        self.pages = 0

    def resumed(self, done: int, begun_anew: str) -> None:
        self.told.append((done, begun_anew))

    def begins(self, total: int, done: int) -> None:
        self.total, self.done = total, done

    def page(self) -> None:
        self.pages += 1

    def ends(self) -> None:
        pass


class Table(list[dict[str, str]]):
    """Rows of a CSV file."""

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8", newline="") as file:
            super().__init__(csv.DictReader(file))

    def columns(self, *names: str) -> list[tuple[str, ...]]:
        return [tuple(row[name] for name in names) for row in self]


class Batch:
    """A folder of scans, and its tables."""

    def __init__(self, folder: Path) -> None:
        self.scans, self.folder = folder / "scans", folder
        self.scans.mkdir()
        self.notes = Notes()

    def scan(self, name: str, *pages: str) -> None:
        path = self.scans / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{page}\n" for page in pages))

    def order(self, workers: int, patience_s: float, key: bytes | None) -> Order:
        out = Outputs(self.folder / "fields.csv", self.folder / "pages.csv", self.folder / "details.jsonl")
        return Order(find_sources([self.scans]).sources, Setup((), key), out, workers, patience_s)

    def read(
        self,
        workers: int = 1,
        start: Start = fake_reader.start,
        patience_s: float = 60,
        key: bytes | None = None,
    ) -> Totals:
        self.notes = Notes()
        return read_batch(self.order(workers, patience_s, key), self.notes, start)

    @property
    def fields(self) -> Table:
        return Table(self.folder / "fields.csv")

    @property
    def pages(self) -> Table:
        return Table(self.folder / "pages.csv")

    @property
    def journal(self) -> Path:
        return self.folder / "fields.csv.part"

    def bytes(self) -> Sequence[bytes]:
        return [(self.folder / name).read_bytes() for name in ("fields.csv", "pages.csv", "details.jsonl")]


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return Batch(tmp_path)


def test_each_page_ends_in_a_row_in_the_order_of_the_sources(batch: Batch) -> None:
    batch.scan("10.pdf", "40003 A")
    batch.scan("2.pdf", "40001 A B", "cat", "40002 ?")
    batch.scan("class/1.tif", "40004 C")
    totals = batch.read()
    assert batch.pages.columns("source", "page", "serial", "status", "reason") == [
        ("2.pdf", "1", "40001", "read", ""),
        ("2.pdf", "2", "", "rejected", "no code"),
        ("2.pdf", "3", "40002", "read", ""),
        ("10.pdf", "1", "40003", "read", ""),
        ("class/1.tif", "1", "40004", "read", ""),
    ]
    assert batch.fields.columns("source", "page", "field", "cell", "value", "review")[:3] == [
        ("2.pdf", "1", "a1", "1", "A", "0"),
        ("2.pdf", "1", "a1", "2", "B", "0"),
        ("2.pdf", "3", "a1", "1", "?", "1"),
    ]
    assert (totals.pages, totals.read, totals.to_people, dict(totals.reasons)) == (5, 4, 1, {"no code": 1})


def test_tables_have_these_columns_and_no_others(batch: Batch) -> None:
    batch.scan("1.pdf", "40001 A")
    batch.read()
    fields, pages, details = batch.bytes()
    assert fields == (
        b"source,page,blank,serial,field,cell,value,confidence,review\n"
        b"1.pdf,1,answers-1,40001,a1,1,A,0.9990,0\n"
    )
    assert pages == (
        b"source,page,blank,serial,status,reason,rotation,dpi,quality\n"
        b"1.pdf,1,answers-1,40001,read,,0,300,0.900\n"
    )
    assert json.loads(details)["code"]["organisation"] == "edu640001"


def test_any_number_of_workers_writes_the_same(batch: Batch) -> None:
    for number in range(12):
        batch.scan(f"{number}.tif", *(f"{number:02}{page:03} A B" for page in range(7)), "cat")
    batch.read(workers=1)
    one = batch.bytes()
    batch.read(workers=3)
    assert batch.bytes() == one
    assert not batch.journal.exists()


# Workers --------------------------------------------------------------------------------------------------


def test_a_worker_that_is_killed_costs_one_page(batch: Batch) -> None:
    batch.scan("1.pdf", "40001 A", "die", "40003 A", "40004 A")
    batch.read(workers=2)
    assert batch.pages.columns("page", "status", "reason") == [
        ("1", "read", ""),
        ("2", "rejected", "unreadable file"),
        ("3", "read", ""),
        ("4", "read", ""),
    ]
    sentences = [json.loads(line)["sentence"] for line in batch.bytes()[2].splitlines()]
    assert sentences[1] == "Страница не читается: программа чтения прервалась (сигнал 9)."


def test_a_page_at_which_a_worker_was_killed_by_chance_is_read_again(batch: Batch, tmp_path: Path) -> None:
    batch.scan("1.pdf", f"die-once {tmp_path / 'died'}", "40002 A")
    assert batch.read().read == 2


def test_a_page_that_takes_for_ever_is_left(batch: Batch) -> None:
    batch.scan("1.pdf", "hang", "40002 A")
    batch.read(patience_s=2)
    assert batch.pages.columns("page", "reason") == [("1", "unreadable file"), ("2", "")]


def test_a_file_without_pages_has_a_row(batch: Batch) -> None:
    batch.scan("empty.pdf")
    batch.scan("full.pdf", "40001 A")
    batch.read()
    assert batch.pages.columns("source", "page", "reason") == [
        ("empty.pdf", "1", "unreadable file"),
        ("full.pdf", "1", ""),
    ]


def test_workers_that_do_not_start_are_not_started_for_ever(batch: Batch) -> None:
    batch.scan("1.pdf", "40001 A")
    with pytest.raises(BatchError, match="Чтение не запускается"):
        batch.read(start=fake_reader.start_in_vain)


# Killed, and started again --------------------------------------------------------------------------------


def killed_half_way(batch: Batch, sign: signal.Signals) -> int:
    """Read in another process and end it when some pages are finished; how many lines the journal has."""
    process = multiprocessing.get_context("spawn").Process(target=_read_slowly, args=(batch.folder,))
    process.start()
    while not batch.journal.exists() or batch.journal.read_bytes().count(b"\n") < 6:
        time.sleep(0.02)
    os.kill(process.pid or 0, sign)
    process.join()
    return batch.journal.read_bytes().count(b"\n")


def _read_slowly(folder: Path) -> None:
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # tests in the background inherit that it is ignored
    batch = Batch.__new__(Batch)
    batch.folder, batch.scans = folder, folder / "scans"
    batch.read(workers=2, start=fake_reader.start_slowly)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_what_was_finished_is_not_read_again(batch: Batch, sign: signal.Signals) -> None:
    batch.scan("1.pdf", *(f"{serial} A B C" for serial in range(40001, 40061)))
    kept = killed_half_way(batch, sign) - 1
    assert not (batch.folder / "fields.csv").exists()
    with batch.journal.open("ab") as journal:
        journal.write(b'[0,60,"","",["vpr-20')  # torn by the kill
    batch.read()
    assert batch.notes.told == [(kept, "")]
    assert batch.notes.pages == 60 - kept
    interrupted = batch.bytes()
    batch.read()
    assert batch.notes.told == []
    assert batch.bytes() == interrupted


@pytest.mark.parametrize(
    ("what", "said"),
    [("scan", "файлы сканов"), ("key", "ключ"), ("torn", "начатое раньше не читается")],
)
def test_changed_input_begins_anew_and_says_so(batch: Batch, what: str, said: str) -> None:
    batch.scan("1.pdf", "40001 A", "40002 A")
    order = batch.order(1, 60, None)
    journal = Journal(order.journal, header_of(order))
    journal.add(0, 1, fake_reader.page(PageJob(0, 1, str(batch.scans / "1.pdf"), "1")).line)
    journal.close()
    key = None
    if what == "scan":
        batch.scan("1.pdf", "50001 A")
    elif what == "key":
        key = b"0123456789abcdef"
    else:
        batch.journal.write_bytes(b"\x00" * 40)
    batch.read(key=key)
    ((_, begun_anew),) = batch.notes.told
    assert said in begun_anew
    assert batch.notes.done == 0


def test_the_key_does_not_stand_in_the_journal(batch: Batch) -> None:
    batch.scan("1.pdf", "40001 A")
    key = b"a secret of many letters"
    with pytest.raises(BatchError):
        batch.read(start=fake_reader.start_in_vain, key=key)
    content = batch.journal.read_bytes()
    assert key not in content
    assert key.hex().encode() not in content


def test_two_commands_do_not_write_one_table(batch: Batch) -> None:
    batch.scan("1.pdf", "40001 A")
    journal = Journal(batch.journal, {})
    with pytest.raises(BatchError, match="сейчас пишет другая команда"):
        batch.read()
    journal.close()


# The same page twice --------------------------------------------------------------------------------------


def test_the_same_page_with_the_same_answers_counts_once(batch: Batch) -> None:
    batch.scan("1.pdf", "40001 A", "40002 A")
    batch.scan("2.pdf", "40001 A")
    batch.read()
    assert batch.pages.columns("source", "page", "serial", "status", "reason") == [
        ("1.pdf", "1", "40001", "read", ""),
        ("1.pdf", "2", "40002", "read", ""),
        ("2.pdf", "1", "40001", "rejected", "doubled"),
    ]
    assert batch.fields.columns("source", "serial", "review") == [
        ("1.pdf", "40001", "0"),
        ("1.pdf", "40002", "0"),
    ]


def test_the_same_page_with_different_answers_goes_to_people_whole(batch: Batch) -> None:
    batch.scan("1.pdf", "40001 A", "40001 A", "40002 A")
    batch.scan("2.pdf", "40001 B")
    batch.read()
    assert batch.pages.columns("reason") == [("doubled",), ("doubled",), ("",), ("doubled",)]
    assert batch.fields.columns("source", "serial", "value", "review") == [
        ("1.pdf", "40001", "A", "1"),
        ("1.pdf", "40001", "A", "1"),
        ("1.pdf", "40002", "A", "0"),
        ("2.pdf", "40001", "B", "1"),
    ]
    sentences = [json.loads(line)["sentence"] for line in batch.bytes()[2].splitlines()]
    assert "«1.pdf», страница 2" in sentences[0]
    assert "«1.pdf», страница 1" in sentences[3]
