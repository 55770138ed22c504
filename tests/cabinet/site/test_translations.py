"""The English interface: each text has its translation, the compiled catalogue is fresh, pages read well.

GNU gettext is not needed here: only `make messages`, which mends what these tests find, asks for it.
"""

from __future__ import annotations

import ast
import gettext
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import strip_tags
from django.utils.translation import override
from django.utils.translation.template import templatize

import oko.cabinet
from oko.cabinet.appointments.sheet_layout import HEADERS as APPOINTMENT_HEADERS
from oko.cabinet.assessments.models import Participation
from oko.cabinet.assessments.words import consequence
from oko.cabinet.foundation.counted import OUT_OF_SIGHT, TRIPLES
from oko.cabinet.foundation.templatetags.oko import count_of, show_moment, until
from oko.cabinet.organisations.layout import HEADERS
from oko.cabinet.organisations.zones import zone_label
from tests.cabinet.conftest import World

CABINET = Path(oko.cabinet.__file__).parent
CATALOGUE = CABINET / "site" / "locale" / "en" / "LC_MESSAGES"
CYRILLIC = re.compile(r"[А-Яа-яЁё]+")
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%[sd]|\{\w*\}|</?\w+>")
COUNT_OF = re.compile(r'count_of:"([^"]*)"')

#: English texts keep these in Russian: they stand so in files, which are Russian whoever reads the page.
RUSSIAN_IN_FILES = {"Код", "Вид", "Полное", "название", "Действует", "да", "нет", "Новосибирск", "К"}
RUSSIAN_IN_FILES |= {"Б", "П", "В", "организации", "ФИО", "Роль", "ЧИТАЙТЕ"}


@dataclass(frozen=True)
class Message:
    """One entry of a catalogue: a plural one has two sources and two translations."""

    sources: tuple[str, ...]
    translations: tuple[str, ...]
    is_fuzzy: bool


def read_catalogue() -> list[Message]:
    """The entries of django.po after its header."""
    text = (CATALOGUE / "django.po").read_text(encoding="utf-8")
    return [_message(block) for block in re.split(r"\n{2,}", text.strip())[1:]]


def _message(block: str) -> Message:
    fields: dict[str, list[str]] = {"msgid": [], "msgstr": []}
    for name, lines in re.findall(r'^(msg\w+)(?:\[\d\])? ((?:".*"\n?)+)', block, re.MULTILINE):
        value = "".join(ast.literal_eval(line) for line in lines.splitlines())
        fields["msgid" if name == "msgid_plural" else name].append(value)
    fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines())
    return Message(tuple(fields["msgid"]), tuple(fields["msgstr"]), fuzzy)


MESSAGES = read_catalogue()
SOURCES = {source for message in MESSAGES for source in message.sources}


# The catalogue ---------------------------------------------------------------------------------------------


def test_every_message_is_translated_for_certain() -> None:
    assert len(MESSAGES) > 1700
    assert [m.sources for m in MESSAGES if m.is_fuzzy or not all(m.translations)] == []


def test_placeholders_and_tags_are_the_same_in_both_languages() -> None:
    differing = [
        (source, translation)
        for message in MESSAGES
        for source, translation in zip(message.sources, message.translations, strict=True)
        if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(translation))
    ]
    assert differing == []


def test_spaces_at_the_ends_of_a_message_are_kept() -> None:
    differing = [
        m.sources[0]
        for m in MESSAGES
        if (m.sources[0][:1].isspace(), m.sources[0][-1:].isspace())
        != (m.translations[0][:1].isspace(), m.translations[0][-1:].isspace())
    ]
    assert differing == []


def test_translations_keep_russian_words_only_where_files_hold_them() -> None:
    left = {word for m in MESSAGES for text in m.translations for word in CYRILLIC.findall(text)}
    assert left <= RUSSIAN_IN_FILES


def compiled_translations(compiled: gettext.GNUTranslations, sources: tuple[str, ...]) -> tuple[str, ...]:
    if len(sources) == 1:
        return (compiled.gettext(sources[0]),)
    return tuple(compiled.ngettext(sources[0], sources[1], n) for n in (1, 2))


def test_compiled_catalogue_says_what_the_text_says() -> None:
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = [m.sources[0] for m in MESSAGES if m.translations != compiled_translations(compiled, m.sources)]
    assert stale == [], "запустите make messages"


# Everything that asks for a translation is in the catalogue ------------------------------------------------


def python_messages() -> Iterator[tuple[str, str]]:
    """(file, text) of every literal given to gettext under any name, inside f-strings too."""
    for path in sorted(CABINET.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
            for alias in node.names
            if "gettext" in alias.name
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield str(path.relative_to(CABINET)), argument.value


def template_messages() -> Iterator[tuple[str, str]]:
    """(file, text) of every translated text of the templates, as Django's own extractor reads them."""
    literal = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    call = re.compile(rf"(?:\b_|gettext)\({literal}(?:, {literal})?")
    for path in sorted(CABINET.rglob("templates/**/*.html")):
        for found in call.findall(templatize(path.read_text(encoding="utf-8"))):
            for text in filter(None, found):
                yield str(path.relative_to(CABINET)), ast.literal_eval(text)


def test_every_text_of_the_code_is_in_the_catalogue() -> None:
    texts = [*python_messages(), *template_messages()]
    assert len(texts) > 1000
    assert [(where, text) for where, text in texts if text not in SOURCES] == [], "запустите make messages"


def test_every_noun_counted_on_a_page_is_listed_for_the_extractor() -> None:
    used = {
        triple
        for path in CABINET.rglob("templates/**/*.html")
        for triple in COUNT_OF.findall(path.read_text(encoding="utf-8"))
    }
    assert used == set(TRIPLES)
    of_triples = [m.translations[0] for m in MESSAGES if m.sources[0] in TRIPLES]
    assert all(translation.count(",") == 2 for translation in of_triples)


def test_what_is_listed_as_out_of_sight_is_really_used() -> None:
    used = {text for where, text in python_messages() if where != str(Path("foundation", "counted.py"))}
    assert set(OUT_OF_SIGHT) <= used


# Words that depend on numbers and clocks -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (0, "0\u00a0файлов", "0\u00a0files"),
        (1, "1\u00a0файл", "1\u00a0file"),
        (3, "3\u00a0файла", "3\u00a0files"),
        (12, "12\u00a0файлов", "12\u00a0files"),
        (21, "21\u00a0файл", "21\u00a0files"),
        (1022, "1\u00a0022\u00a0файла", "1\u00a0022\u00a0files"),
    ],
)
def test_noun_agrees_with_its_number_in_both_languages(count: int, russian: str, english: str) -> None:
    with override("ru"):
        assert count_of(count, "файл,файла,файлов") == russian
    with override("en"):
        assert count_of(count, "файл,файла,файлов") == english


@pytest.mark.parametrize(
    ("left", "russian", "english"),
    [
        (timedelta(hours=2, minutes=5), "осталось 2 ч 05 мин", "2 h 05 min left"),
        (timedelta(days=3), "осталось 3 дн.", "3 days left"),
        (-timedelta(minutes=40), "просрочено на 0 ч 40 мин", "overdue by 0 h 40 min"),
        (-timedelta(days=4), "просрочено на 4 дн.", "overdue by 4 days"),
    ],
)
def test_time_left_is_said_in_both_languages(left: timedelta, russian: str, english: str) -> None:
    now = datetime(2026, 4, 21, 5, 0, tzinfo=UTC)
    with override("ru"):
        assert until(now + left, now) == russian
    with override("en"):
        assert until(now + left, now) == english


def test_zone_is_named_in_both_languages_and_dates_stay_as_they_are() -> None:
    moment = datetime(2026, 4, 21, 5, 0, tzinfo=UTC)
    with override("en"):
        assert show_moment(moment, ZoneInfo("Europe/Moscow")) == "21.04.2026, 08:00 Moscow time"
        assert show_moment(moment, ZoneInfo("Asia/Novosibirsk")) == "21.04.2026, 12:00 Novosibirsk time"
    with override("ru"):
        assert show_moment(moment, ZoneInfo("Europe/Moscow")) == "21.04.2026, 08:00 по Москве"


# Pages -----------------------------------------------------------------------------------------------------

#: What pages say in Russian all the same: the switch back to it, and the headings of Russian files.
ALLOWED = {"Русский"}
ALLOWED_ON = {
    "/organisations/import/": set(CYRILLIC.findall(" ".join(HEADERS))) | RUSSIAN_IN_FILES,
    "/appointments/import/": set(CYRILLIC.findall(" ".join(APPOINTMENT_HEADERS))),
}

MENU = {
    "technician": ["Home", "Roadmap", "Protocols", "Reports", "News and documents", "People and access"],
    "municipal": ["Home", "Roadmap", "Progress", "Protocols", "Organisations", "People and access"],
    "regional": ["Home", "Roadmap", "Progress", "Protocols", "Organisations", "People and access"],
}
HEADINGS = {
    "/roadmap/": "Roadmap",
    "/publications/": "News and documents",
    "/protocols/": "Results protocols",
    "/reports/": "Reports",
    "/password/": "Change the password",
    "/security/": "Sign-in and security",
    "/second-factor/set-up/": "Connect a second factor",
    "/notices/": "Notices",
    "/people/": "People",
    "/access/holders/": "Who has access",
    "/appointments/": "Appointments",
    "/appointments/orders/": "Orders of the organisation",
    "/appointments/orders/new/": "Enter an order",
    "/appointments/lists/": "List of responsible people",
    "/appointments/delegations/": "Delegations",
}
HEADINGS_ABOVE = HEADINGS | {
    "/board/": "Progress",
    "/board/calls/": "Whom to call",
    "/exceptions/": "Special deadlines",
    "/organisations/": "Organisations",
    "/documents/readings/": "Who has not read the documents",
    "/access/": "Issuing access",
    "/appointments/new/": "Whom to appoint",
    "/appointments/import/": "Upload appointments as a list",
    "/appointments/waiting/": "Awaiting your confirmation",
    "/appointments/lists/send/": "Send the list of responsible people",
    "/appointments/lists/consolidated/": "Consolidated list of responsible people",
}
#: The journal itself is for the regions; those below see who looked at their data.
JOURNALS = {
    "technician": ("/audit/own/", "Who looked at my data"),
    "municipal": ("/audit/own/", "Who looked at my data"),
    "regional": ("/audit/", "Journal of events"),
}
#: Pages whose main heading is the name of an organisation, of a paper or of the assessment.
NAMED = {
    "technician": ["/", "/assessment/", "/papers/rus4/", "/protocols/rus4/edu640001/", "/organisations/own/"],
    "municipal": ["/", "/assessment/", "/papers/rus4/", "/board/edu640001/", "/organisations/own/"],
    "regional": [
        "/",
        "/board/edu640001/",
        "/exceptions/new/",
        "/organisations/own/",
        "/organisations/import/",
    ],
}
VISITS = [(who, address) for who in MENU for address in (HEADINGS if who == "technician" else HEADINGS_ABOVE)]


def in_english(client: Client) -> Client:
    client.post("/language/", {"language": "en"})
    return client


def russian_words(page: str, world: World) -> set[str]:
    """The Russian words of a page, in attributes too, without the names that people have given to things."""
    texts = html.unescape(page)
    for name in sorted(names_given(world), key=len, reverse=True):
        texts = texts.replace(name, "")
    return set(CYRILLIC.findall(texts))


def names_given(world: World) -> set[str]:
    names = {str(world.assessment), world.assessment.title}
    for organisation in world.organisations.values():
        names |= {organisation.name, organisation.short_name, zone_label(organisation.time_zone)}
    for paper in world.papers.values():
        names |= {str(paper), paper.subject, *(item.skill for item in paper.items.all())}
        names |= {item.code for item in paper.items.all()} | {f"{item.level}, " for item in paper.items.all()}
    for step in world.steps.values():
        names |= {step.title, step.short_title}
    names |= {classes.class_label for classes in Participation.everything.all()}
    return names | {a.person.full_name for a in world.appointments.values()} - {""}


@pytest.mark.parametrize(("who", "address"), VISITS)
def test_page_has_an_english_heading_and_no_russian_of_its_own(world: World, who: str, address: str) -> None:
    page = in_english(world.client(who)).get(address).content.decode()
    assert f"<h1>{HEADINGS_ABOVE[address]}</h1>" in page
    assert russian_words(page, world) <= ALLOWED | ALLOWED_ON.get(address, set())


@pytest.mark.parametrize("who", JOURNALS)
def test_journal_reads_in_english(world: World, who: str) -> None:
    address, heading = JOURNALS[who]
    page = in_english(world.client(who)).get(address).content.decode()
    assert f"<h1>{heading}</h1>" in page
    assert russian_words(page, world) <= ALLOWED


def test_pages_about_one_person_have_no_russian_of_their_own(world: World) -> None:
    appointed = world.appointments["municipal"]
    client = in_english(world.client("regional"))
    for address in (
        f"/appointments/{appointed.pk}/",
        f"/appointments/{appointed.pk}/change/",
        f"/appointments/{appointed.pk}/person/",
        f"/appointments/new/?person={appointed.person_id}",
        f"/access/people/{appointed.pk}/reset/",
    ):
        answer = client.get(address)
        assert (address, answer.status_code) == (address, 200)
        assert russian_words(answer.content.decode(), world) <= ALLOWED


@pytest.mark.parametrize(("who", "address"), [(who, address) for who in NAMED for address in NAMED[who]])
def test_page_named_after_a_thing_has_no_russian_of_its_own(world: World, who: str, address: str) -> None:
    answer = in_english(world.client(who)).get(address)
    assert answer.status_code == 200
    assert russian_words(answer.content.decode(), world) <= ALLOWED | ALLOWED_ON.get(address, set())


def test_consequence_of_a_pause_is_said_in_english(world: World) -> None:
    with override("en"):
        sentence = consequence(world.steps["rus4"], world.organisations["mun1"], "pause", None, below=2)
    assert sentence == (
        "Приреченский район and 2\u00a0supervised organisations will not be able to upload the protocol "
        "until the pause is ended. The deadline does not move."
    )


@pytest.mark.parametrize("who", MENU)
def test_menu_is_english(world: World, who: str) -> None:
    page = in_english(world.client(who)).get("/").content.decode()
    navigation = page.partition('<nav class="oko-nav"')[2].partition("</nav>")[0]
    lines = [line.strip() for line in strip_tags(navigation.partition(">")[2]).splitlines()]
    assert set(MENU[who]) <= {title for line in lines for title in re.split(r"(?<=[a-z])(?=[A-Z])", line)}


# The switch ------------------------------------------------------------------------------------------------


def test_language_is_chosen_before_sign_in_and_remembered(client: Client) -> None:
    assert "Вход в кабинет" in client.get("/sign-in/").content.decode()
    answer = client.post("/language/", {"language": "en", "next": "/sign-in/"})
    assert answer.headers["Location"] == "/sign-in/"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    page = client.get("/sign-in/").content.decode()
    assert '<html lang="en">' in page
    assert set(CYRILLIC.findall(page)) == {"Русский"}
    client.post("/language/", {"language": "ru"})
    assert "Вход в кабинет" in client.get("/sign-in/").content.decode()


def test_unknown_language_changes_nothing(client: Client) -> None:
    answer = client.post("/language/", {"language": "xx"})
    assert answer.status_code == 302
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


@pytest.mark.parametrize("address", ["/public/", "/no-such-page/", "/activate/"])
def test_open_pages_read_in_english(client: Client, world: World, address: str) -> None:
    page = in_english(client).get(address, follow=True).content.decode()
    assert russian_words(page, world) <= ALLOWED


def test_russian_comes_first_whatever_the_browser_speaks(world: World) -> None:
    page = world.client("technician").get("/", headers={"Accept-Language": "en-US,en"})
    assert page.headers["Content-Language"] == "ru"
    assert "Главная" in page.content.decode()
