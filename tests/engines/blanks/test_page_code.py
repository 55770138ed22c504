"""The code of a page: read back whole, never from another key, never after a letter was changed."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oko.engines.blanks.page_code import PageCode, PageCodeError, decode, encode, looks_like_ours

CODE = PageCode("vpr-2026", "answers-1", 2, 1, "edu640001", "40001")
KEY = b"a key of this season, 32 bytes.."
parts = st.text(string.ascii_lowercase + string.digits + "._-", min_size=1, max_size=30)


def test_code_is_short_and_readable() -> None:
    text = encode(CODE)
    assert text.startswith("O1*VPR-2026*ANSWERS-1.2*1*EDU640001*40001*")
    assert len(text) <= 47, "fits 29 modules a side"
    assert looks_like_ours(text)


@given(parts, parts, parts, st.integers(1, 999), st.integers(1, 20), st.sampled_from([None, KEY]))
def test_what_was_encoded_is_read_back(
    assessment: str, organisation: str, serial: str, version: int, page: int, key: bytes | None
) -> None:
    code = PageCode(assessment, "answers-1", version, page, organisation, serial.upper())
    text = encode(code, key)
    assert set(text) <= set(string.ascii_uppercase + string.digits + "$%*+-./:")
    assert decode(text, key) == code


@given(st.data())
def test_a_changed_letter_is_noticed(data: st.DataObject) -> None:
    text = encode(CODE)
    place = data.draw(st.integers(3, len(text) - 1))
    letter = data.draw(st.sampled_from(string.ascii_uppercase + string.digits + "*"))
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(PageCodeError):
            decode(changed)


def test_code_of_another_key_or_of_none_is_refused() -> None:
    for made_with, read_with in ((KEY, b"another key, also long enough..."), (KEY, None), (None, KEY)):
        with pytest.raises(PageCodeError):
            decode(encode(CODE, made_with), read_with)


@pytest.mark.parametrize(
    "text", ["", "*", "http://example.org", "O1*A*B*C", "O1*A*B.C*1*O*S*00000", "я*" * 7]
)
def test_foreign_codes_are_refused_politely(text: str) -> None:
    with pytest.raises(PageCodeError):
        decode(text)


@pytest.mark.parametrize("serial", ["", "Ж40001", "40 001", "4*1", "9" * 31])
def test_a_serial_that_no_code_can_hold_is_refused(serial: str) -> None:
    with pytest.raises(PageCodeError, match="код участника"):
        encode(PageCode("vpr", "b", 1, 1, "edu640001", serial))
