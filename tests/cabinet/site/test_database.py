"""The address of the database, in all the ways in which people write it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from oko.cabinet.site import database
from oko.cabinet.site.database import EmbeddedDatabaseError, django_database


def test_address_with_everything_is_read() -> None:
    found = django_database("postgresql://oko:s%40cret%2F1@db.example.org:6432/oko%20main?sslmode=require")

    assert found["NAME"] == "oko main"
    assert found["USER"] == "oko"
    assert found["PASSWORD"] == "s@cret/1"
    assert (found["HOST"], found["PORT"]) == ("db.example.org", "6432")
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_address_of_a_socket_is_read() -> None:
    found = django_database("postgres://oko@/oko?host=/run/a%2Bb/pg&port=5433")

    assert (found["HOST"], found["PORT"]) == ("/run/a+b/pg", "5433")
    assert found["OPTIONS"] == {}


def test_address_without_a_name_means_the_common_database() -> None:
    assert django_database("postgresql://db")["NAME"] == "postgres"


@pytest.mark.parametrize("address", ["mysql://root@db/oko", "db.example.org", "sqlite:///oko.db"])
def test_another_kind_of_database_is_refused_in_words(address: str) -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        django_database(address)


def test_folder_with_a_space_is_refused_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OKO_STATE", str(tmp_path / "my files"))

    with pytest.raises(EmbeddedDatabaseError, match="OKO_STATE"):
        database.start_embedded()
    assert not (tmp_path / "my files").exists()


def test_processes_that_were_killed_do_not_keep_the_server_running(tmp_path: Path) -> None:
    handles = tmp_path / "handles.json"
    never_a_process = 2**22 + 1
    handles.write_text(json.dumps([os.getpid(), never_a_process]))

    database._forget_the_dead(handles)

    assert json.loads(handles.read_text()) == [os.getpid()]


def test_folders_above_the_server_stay_as_closed_as_they_were(tmp_path: Path) -> None:
    above, data = tmp_path / "closed", tmp_path / "closed" / "state" / "postgres"
    data.mkdir(parents=True)
    above.chmod(0o700)

    with database._folders_above_stay_closed(data):
        for folder in (above, above / "state"):
            folder.chmod(0o755)

    assert above.stat().st_mode & 0o777 == 0o711, "passed through, not read"


def test_spoiled_list_of_processes_is_left_alone(tmp_path: Path) -> None:
    handles = tmp_path / "handles.json"
    handles.write_text("{half")

    database._forget_the_dead(handles)

    assert handles.read_text() == "{half"
