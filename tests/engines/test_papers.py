"""Papers are data: a file of them is read as people save it, or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from oko.engines.papers import SHIPPED_PAPERS, PapersError, load_papers


def test_marks_follow_the_scale_at_its_edges() -> None:
    mathematics = next(paper for paper in load_papers() if paper.code == "mat4")
    assert [mathematics.mark(total) for total in (0, 5, 6, 9, 10, 14, 15, 20)] == [2, 2, 3, 3, 4, 4, 5, 5]


def test_file_saved_on_windows_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    saved = tmp_path / "papers.json"
    saved.write_bytes(b"\xef\xbb\xbf" + SHIPPED_PAPERS.read_bytes())
    assert load_papers(saved) == load_papers()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "не JSON"),
        ("[]", "нет списка"),
        ('{"papers": [{"code": "geo9"}]}', "geo9"),
        ('{"papers": ["geo9"]}', "описана не полностью"),
    ],
)
def test_file_that_cannot_be_used_is_refused_in_words(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "papers.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(PapersError, match=words):
        load_papers(file)
