"""Secrets and other settings as the operator gives them: by value, by file, wrongly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from oko.cabinet.site import environment
from oko.cabinet.site.environment import SettingError

VARIABLE = "OKO_TEST_SECRET"


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A file that holds the secret, named in the environment."""

    def make(content: bytes = b"from-a-file\n", mode: int = 0o600) -> Path:
        path = tmp_path / "given"
        path.write_bytes(content)
        path.chmod(mode)
        monkeypatch.setenv(f"{VARIABLE}_FILE", str(path))
        return path

    return make


def test_secret_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, "given")

    assert environment.secret(VARIABLE, tmp_path / "secret") == "given"
    assert not (tmp_path / "secret").exists()


def test_secret_is_taken_from_a_file(held: Callable[..., Path], tmp_path: Path) -> None:
    held()

    assert environment.secret(VARIABLE, tmp_path / "secret") == "from-a-file"
    assert not (tmp_path / "secret").exists()


def test_secret_not_given_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secret"

    made = environment.secret(VARIABLE, path)

    assert len(made) >= 64
    assert environment.secret(VARIABLE, path) == made
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
def test_file_open_to_everybody_is_refused(held: Callable[..., Path], mode: int) -> None:
    path = held(mode=mode)

    with pytest.raises(SettingError, match="chmod 600") as refused:
        environment.given(VARIABLE)
    assert str(path) in str(refused.value)
    assert "from-a-file" not in str(refused.value)


def test_own_secret_that_became_readable_by_everybody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    environment.secret(VARIABLE, path)
    path.chmod(0o644)

    with pytest.raises(SettingError, match="chmod 600"):
        environment.secret(VARIABLE, path)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "пуст"), (b" \n", "пуст"), (b"\xff\xfe\x00", "не читается")]
)
def test_file_without_a_secret_is_refused(held: Callable[..., Path], content: bytes, words: str) -> None:
    held(content)

    with pytest.raises(SettingError, match=words):
        environment.given(VARIABLE)


def test_missing_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{VARIABLE}_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(SettingError, match="nowhere"):
        environment.given(VARIABLE)


def test_secret_given_twice_is_refused(held: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    held()
    monkeypatch.setenv(VARIABLE, "given")

    with pytest.raises(SettingError, match="что-то одно"):
        environment.given(VARIABLE)


def test_secrets_on_their_way_out_are_read_one_a_line(held: Callable[..., Path]) -> None:
    held(b"last-year\nyear-before\n")

    assert environment.several(VARIABLE) == ["last-year", "year-before"]


@pytest.mark.parametrize("text", ["-1", "two", "1.5", "²", "1 2"])
def test_number_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(VARIABLE, text)

    with pytest.raises(SettingError, match="целое число"):
        environment.whole_number(VARIABLE)


def test_unknown_choice_is_refused_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "xml")

    with pytest.raises(SettingError, match="json, line"):
        environment.one_of(VARIABLE, ("json", "line"), "json")
