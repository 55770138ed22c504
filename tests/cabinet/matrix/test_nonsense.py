"""Whatever stands in a field, the answer is words: every form and filter of every page is sent nonsense."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.cabinet.conftest import World
from tests.cabinet.matrix.asking import Undo
from tests.cabinet.matrix.forms import Field, Form, forms_of
from tests.cabinet.matrix.stage import Stage, stage_for
from tests.cabinet.matrix.test_forms import with_the_second_page_of_a_form

#: Between them they see every form.
ACTORS = ("federal_organiser", "municipal_coordinator", "school_coordinator")
NONSENSE = (
    "\x00",
    "9" * 40,
    "-1",
    "𝟙٣😀'\"%s{{x}}",
    "а" * 20_000,
    "2026-13-45",
    "=cmd|' /C calc'!A0",
)
FILES = (
    b"",
    b"%PDF-1.4\n%%EOF",
    b"PK\x03\x04" + b"\x00" * 64,
    b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
    b"\xff\xd8\xff",
)
OF_THE_PAGE = {"csrfmiddlewaretoken", "language"}


@pytest.mark.parametrize("actor", ACTORS)
def test_nonsense_in_any_field_is_answered(world: World, actor: str) -> None:
    stage = stage_for(world, actor)
    failures: list[str] = []
    tried: set[tuple[str, str]] = set()
    for name, path in list(with_the_second_page_of_a_form(stage)):
        page = stage.client.get(path)
        if "text/html" not in page.headers.get("Content-Type", ""):
            continue
        for form in forms_of(page.content.decode(), path):
            if "sign-out" in form.action:
                continue
            for one in form.fields:
                key = (form.action if form.method == "post" else name, one.name)
                if one.name in OF_THE_PAGE or key in tried:
                    continue
                tried.add(key)
                failures += _broken(stage, name, form, one)
    assert not failures, "\n".join(failures)
    assert len(tried) > 20


def _broken(stage: Stage, name: str, form: Form, one: Field) -> list[str]:
    values = (
        [SimpleUploadedFile("ска\x00н.pdf", content) for content in FILES]
        if one.kind == "file"
        else list(NONSENSE)
    )
    found = []
    for value in values:
        status = _sent(stage, form, {**form.filled(), one.name: value})
        if status >= 500:
            found.append(f"{name}: {form.method} {form.action} {one.name}={str(value)[:40]!r} → {status}")
    return found


def _sent(stage: Stage, form: Form, data: dict[str, object]) -> int:
    stage.client.raise_request_exception = False
    status = 0
    try:
        with transaction.atomic():
            status = getattr(stage.client, form.method)(form.action, data).status_code
            raise Undo
    except Undo:
        stage.client.cookies.pop("messages", None)
    return status
