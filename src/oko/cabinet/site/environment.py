"""What the operator has set: in the environment, or in files that the environment names.

A secret is given as `VARIABLE`, or as `VARIABLE_FILE` with the path of a file that holds it (so Docker,
systemd and Kubernetes hand secrets over). What is wrong is said in words, and the product does not start.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

#: Every secret of this installation: its variable, where it is kept when it is not given, and its value.
_in_use: dict[str, tuple[Path, str]] = {}

#: Permissions that let others on the machine read or change a file.
OTHERS = 0o007


class SettingError(RuntimeError):
    """A setting cannot be used as it is given; the message says which, why and how to mend it, in Russian."""


def given(variable: str) -> str:
    """The value of VARIABLE, or what the file named in VARIABLE_FILE holds; an empty text if neither is set.

    Raises:
        SettingError: both are set, or the file cannot be read, is empty, or can be read by everybody.
    """
    value, path = os.environ.get(variable, ""), os.environ.get(f"{variable}_FILE", "")
    if value and path:
        raise SettingError(f"Заданы и {variable}, и {variable}_FILE: оставьте что-то одно.")
    return _held_by(Path(path), f"{variable}_FILE") if path else value


def secret(variable: str, made_once: Path) -> str:
    """The secret given, or one made once for this machine and readable by its owner alone."""
    value = given(variable)
    if not value:
        if not made_once.exists():
            _make(made_once)
        value = _held_by(made_once, variable)
    _in_use[variable] = (made_once, value)
    return value


def secrets_in_use() -> dict[str, tuple[Path, str]]:
    """By variable: the file in which the secret is kept when it is not given, and the secret."""
    return dict(_in_use)


def _make(path: Path) -> None:
    """Whole or not at all: of several processes that start at once, all get the secret of the first."""
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.") as file:  # mode 0600
        file.write(secrets.token_urlsafe(64))
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


def several(variable: str) -> list[str]:
    """Secrets that are on their way out, one a line."""
    return given(variable).split()


def whole_number(variable: str, default: int = 0) -> int:
    """A number from 0 up."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise SettingError(f"{variable}: найдено «{text}», ожидается целое число, например {default}.")
    return int(text)


def one_of(variable: str, choices: Sequence[str], default: str) -> str:
    value = os.environ.get(variable, "") or default
    if value not in choices:
        raise SettingError(f"{variable}: найдено «{value}», ожидается одно из: {', '.join(choices)}.")
    return value


def _held_by(path: Path, variable: str) -> str:
    try:
        open_to_others = os.name == "posix" and path.stat().st_mode & OTHERS
        content = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "это не текст"
        raise SettingError(f"{variable}: файл «{path}» не читается: {reason}.") from error
    if open_to_others:
        raise SettingError(
            f"{variable}: файл «{path}» с секретом доступен всем на этом компьютере. "
            f"Закройте его: chmod 600 «{path}» (в Docker и Kubernetes — mode: 0400)."
        )
    if not content:
        raise SettingError(f"{variable}: файл «{path}» пуст.")
    return content
