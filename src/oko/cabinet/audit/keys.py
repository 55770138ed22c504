"""The sealer's key: made once, kept outside the database, readable by its owner alone."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings

PRIVATE, PUBLIC = "sealer-key.pem", "sealer-key.pub.pem"
OTHERS = 0o077


class KeyFileError(RuntimeError):
    """A key cannot be used; the message says which file, why and what to do, in Russian."""


def audit_directory() -> Path:
    return Path(settings.AUDIT_ROOT)


def signing_key() -> Ed25519PrivateKey:
    """The sealer's own key, made at the first need; its public half is put beside it.

    Raises:
        KeyFileError: the file cannot be written, read, or can be read by others.
    """
    path = audit_directory() / PRIVATE
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            if path.with_name(PUBLIC).exists():
                raise KeyFileError(
                    f"Ключа печати «{path}» нет, хотя открытый ключ рядом есть. "
                    "Верните его из резервной копии: с новым ключом цепь не продолжить."
                )
            _make(path)
        open_to_others = os.name == "posix" and path.stat().st_mode & OTHERS
        text = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"Ключ печати «{path}» не читается и не создаётся: {error.strerror}.") from error
    if open_to_others:
        raise KeyFileError(f"Ключ печати «{path}» доступен другим. Закройте его: chmod 600 «{path}».")
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileError(f"В файле «{path}» не ключ печати. Верните его из резервной копии.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"В файле «{path}» ключ другого вида: ожидается Ed25519.")
    _show_public_half(path.with_name(PUBLIC), key.public_key())
    return key


def public_key(path: Path | None = None) -> Ed25519PublicKey:
    """The public key of the sealer, from `path` or from its usual place.

    Raises:
        KeyFileError: there is none, or it is no key.
    """
    path = path or audit_directory() / PUBLIC
    try:
        text = path.read_bytes()
    except OSError as error:
        raise KeyFileError(
            f"Открытый ключ печати «{path}» не читается: {error.strerror}. Укажите его: --public-key ФАЙЛ."
        ) from error
    return public_key_in(text, str(path))


def public_key_in(text: bytes, where: str) -> Ed25519PublicKey:
    """
    Raises:
        KeyFileError: it is no public key, or one of another kind.
    """
    try:
        key = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError(f"В «{where}» не открытый ключ в виде PEM.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"В «{where}» ключ другого вида: ожидается Ed25519.")
    return key


def as_pem(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def fingerprint(key: Ed25519PublicKey) -> str:
    """Short enough to be read over the telephone."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    text = digest.finalize().hex()[:32]
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _make(path: Path) -> None:
    """Whole or not at all: of two sealers that start at once, both get the key of the first."""
    key = Ed25519PrivateKey.generate()
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f"{path.name}.") as file:  # mode 0600
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)


def _show_public_half(path: Path, key: Ed25519PublicKey) -> None:
    text = as_pem(key)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
