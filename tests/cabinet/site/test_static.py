"""Static files as production serves them: hashed, compressed, and every one that a page names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import oko
from oko.cabinet.site import serving

SOURCES = Path(oko.__file__).parent


@pytest.fixture
def built(settings: Any, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "oko.cabinet.site.static_storage.CabinetStaticStorage"},
    }
    serving.build_static()
    return tmp_path / "static"


def test_every_static_file_that_a_template_names_is_built(built: Path) -> None:
    manifest = json.loads((built / "staticfiles.json").read_text())["paths"]
    named = {
        name
        for template in SOURCES.rglob("*.html")
        for name in re.findall(r"""{%\s*static\s+['"]([^'"]+)['"]""", template.read_text())
    }

    assert named
    assert named <= manifest.keys()


def test_nothing_is_built_twice_and_a_change_is_noticed(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = built / "staticfiles.json"
    manifest.unlink()

    serving.build_static()
    assert not manifest.exists(), "the sources are the same, so nothing was to be done"

    monkeypatch.setattr(serving, "_static_fingerprint", lambda: "another version of the code")
    serving.build_static()
    assert manifest.exists()
