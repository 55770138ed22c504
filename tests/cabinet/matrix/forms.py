"""Reading the forms of a page, as a person's browser does: where they go, and what stands in their fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Field:
    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)
    #: Whether it offers choices beside what may be typed.
    suggests: bool = False


@dataclass
class Form:
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    def filled(self) -> dict[str, str | list[str]]:
        """What is sent when nothing is touched: the first choice where none is taken."""
        sent: dict[str, str | list[str]] = {}
        for one in self.fields:
            if one.kind not in ("file", "submit", "checkbox"):
                sent.setdefault(one.name, one.value or next((c for c in one.choices if c), ""))
        return sent


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self._inside: Form | None = None
        self._select: Field | None = None

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        if tag == "form":
            action = given.get("action") or self.address
            self._inside = Form(action, given.get("method", "get").lower())
            self.forms.append(self._inside)
        elif tag == "option" and self._select is not None:
            self._select.choices.append(given.get("value", ""))
            if "selected" in given:
                self._select.value = given.get("value", "")
        elif (
            self._inside is not None and tag in ("input", "select", "textarea", "button") and "name" in given
        ):
            kind = given.get("type", "text" if tag == "input" else tag)
            one = Field(given["name"], kind, given.get("value", ""), suggests="list" in given)
            self._inside.fields.append(one)
            self._select = one if tag == "select" else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        if tag == "select":
            self._select = None


def forms_of(page: str, address: str) -> list[Form]:
    reader = _Reader(address)
    reader.feed(page)
    return reader.forms
