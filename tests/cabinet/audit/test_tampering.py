"""A superuser of the database bends the journal: verification names the first thing that is not as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from oko.cabinet.audit import chain, checkpoints, sealing
from oko.cabinet.audit.findings import Break, Kind
from oko.cabinet.audit.keys import Ed25519PrivateKey
from oko.cabinet.audit.models import Event, Seal
from oko.cabinet.audit.sealing import ChainBrokenError, Sealer
from tests.cabinet.audit.conftest import events, seal, verified

Bend = Callable[..., None]


@pytest.fixture(autouse=True)
def _small_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)


@pytest.fixture
def sealed(audit_root: Path) -> list[int]:
    """Ten events in three links, and a checkpoint after the third."""
    made = events(10)
    assert seal() == 10
    return made


def first() -> tuple[Kind, int | None, int | None]:
    broken = verified().breaks[0]
    return broken.kind, broken.seq, broken.event


def test_untouched_journal_is_whole(sealed: list[int]) -> None:
    outcome = verified()
    assert outcome.whole
    assert (outcome.events, outcome.links, outcome.waiting) == (10, 3, 0)
    assert outcome.head == checkpoints.last().link.hex()  # type: ignore[union-attr]


def test_empty_journal_is_whole(audit_root: Path) -> None:
    assert verified().whole


def test_event_changed(sealed: list[int], bend: Bend) -> None:
    bend("UPDATE audit_event SET body = replace(body, 'событие', 'собитие') WHERE id = %s", sealed[5])
    assert first() == (Kind.EVENT_CHANGED, 2, sealed[5])
    assert len(verified().breaks) == 1


def test_code_of_an_event_changed(sealed: list[int], bend: Bend) -> None:
    bend("UPDATE audit_event SET mac = decode(repeat('00', 32), 'hex') WHERE id = %s", sealed[0])
    assert first() == (Kind.EVENT_CHANGED, 1, sealed[0])


def test_event_removed(sealed: list[int], bend: Bend) -> None:
    bend("DELETE FROM audit_event WHERE id = %s", sealed[6])
    assert first() == (Kind.EVENT_REMOVED, 2, sealed[6])
    assert len(verified().breaks) == 1


def test_last_event_removed(sealed: list[int], bend: Bend) -> None:
    bend("DELETE FROM audit_event WHERE id = %s", sealed[-1])
    assert first() == (Kind.EVENT_REMOVED, 3, sealed[-1])


def test_all_events_removed(sealed: list[int], bend: Bend) -> None:
    bend("DELETE FROM audit_event")
    assert first() == (Kind.EVENT_REMOVED, 1, sealed[0])


def test_two_events_swapped(sealed: list[int], bend: Bend) -> None:
    one, two = sealed[1], sealed[8]
    bend(
        "UPDATE audit_event e SET body = o.body, mac = o.mac FROM audit_event o "
        "WHERE (e.id, o.id) IN ((%s, %s), (%s, %s))",
        *(one, two, two, one),
    )
    assert first() == (Kind.EVENTS_REORDERED, 1, one)
    assert str(two) in verified().breaks[0].detail


def test_several_things_at_once_are_named_in_the_order_of_the_chain(sealed: list[int], bend: Bend) -> None:
    bend("DELETE FROM audit_event WHERE id = %s", sealed[9])
    bend("UPDATE audit_event SET body = '{}' WHERE id = %s", sealed[2])
    kinds = [(broken.kind, broken.event) for broken in verified().breaks]
    assert kinds == [(Kind.EVENT_CHANGED, sealed[2]), (Kind.EVENT_REMOVED, sealed[9])]


FORGED = "INSERT INTO audit_event (body, mac) SELECT replace(body, 'событие', 'иное'), mac FROM audit_event"


def forge(past_the_queue: Bend | None = None) -> int:
    """An event made from another one; with the queue's trigger or without it."""
    sql = f"{FORGED} ORDER BY id LIMIT 1"
    if past_the_queue is not None:
        past_the_queue(sql)
    else:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    return int(Event.everything.latest("pk").pk)


def test_event_inserted_before_the_sealer_comes(sealed: list[int]) -> None:
    forged = forge()
    assert first() == (Kind.EVENT_INSERTED, None, forged)
    assert seal() == 0, "what this product has not written is not sealed"
    assert first() == (Kind.EVENT_INSERTED, None, forged)


def test_event_inserted_past_the_queue(sealed: list[int], bend: Bend) -> None:
    forged = forge(bend)
    seal()
    assert first() == (Kind.EVENT_INSERTED, None, forged)


def test_event_inserted_with_the_number_of_a_gap(sealed: list[int], bend: Bend) -> None:
    bend("INSERT INTO audit_event (id, body, mac) VALUES (-5, '{}', decode(repeat('00', 32), 'hex'))")
    assert first() == (Kind.EVENT_INSERTED, None, -5)


def test_event_copied_with_its_good_code(sealed: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_event (body, mac) SELECT body, mac FROM audit_event LIMIT 1")
    copy = int(Event.everything.latest("pk").pk)
    assert seal() == 0
    assert first() == (Kind.EVENT_COPIED, None, copy)


def test_genuine_event_kept_from_the_sealer(sealed: list[int], bend: Bend) -> None:
    [hidden] = events(1)
    bend("DELETE FROM audit_waitingevent WHERE event = %s", hidden)
    assert first() == (Kind.EVENT_PAST_THE_QUEUE, None, hidden)


def test_event_removed_before_it_was_sealed(sealed: list[int], bend: Bend) -> None:
    [gone] = events(1)
    bend("DELETE FROM audit_event WHERE id = %s", gone)
    assert first() == (Kind.EVENT_REMOVED_UNSEALED, None, gone)
    assert seal() == 0
    assert first() == (Kind.EVENT_REMOVED_UNSEALED, None, gone)


def test_sealed_event_put_into_the_queue_again_is_not_sealed_twice(sealed: list[int], bend: Bend) -> None:
    bend("INSERT INTO audit_waitingevent (event, refused) VALUES (%s, FALSE)", sealed[3])
    events(1)
    assert seal() == 1
    assert verified().whole


def test_link_changed(sealed: list[int], bend: Bend) -> None:
    bend("UPDATE audit_seal SET digests = decode(repeat('00', 128), 'hex') WHERE seq = 2")
    assert verified().breaks[0].seq == 2
    bend("UPDATE audit_seal SET sealed_at = sealed_at - interval '1 day' WHERE seq = 1")
    assert verified().breaks[0].seq == 1


def test_link_of_nonsense(sealed: list[int], bend: Bend) -> None:
    bend("UPDATE audit_seal SET events = '{}', digests = '', link = '', signature = '' WHERE seq = 2")
    assert verified().breaks[0].seq == 2


def test_link_removed(sealed: list[int], bend: Bend) -> None:
    bend("DELETE FROM audit_seal WHERE seq = 2")
    assert first() == (Kind.LINK_REMOVED, 2, None)


def rewritten(bend: Bend, key: Ed25519PrivateKey) -> None:
    """The whole chain made anew over the tables as they are, with everything that its arithmetic asks for."""
    previous: chain.SealRecord | None = None
    for seal_ in Seal.objects.order_by("seq"):
        digests = b"".join(
            chain.digest(bytes(event.mac), event.body.encode())
            for event in Event.everything.filter(pk__in=seal_.events).order_by("pk")
        )
        numbers = list(
            Event.everything.filter(pk__in=seal_.events).order_by("pk").values_list("pk", flat=True)
        )
        previous = chain.sealed(previous, chain.microseconds(seal_.sealed_at), numbers, digests, key)
        bend(
            "UPDATE audit_seal SET events = %s, digests = %s, total = %s, link = %s, signature = %s "
            "WHERE seq = %s",
            *(numbers, digests, previous.total, previous.link, previous.signature, previous.seq),
        )


def test_whole_chain_rewritten_consistently(sealed: list[int], bend: Bend) -> None:
    bend("UPDATE audit_event SET body = replace(body, 'событие', 'собитие') WHERE id = %s", sealed[5])
    rewritten(bend, Ed25519PrivateKey.generate())
    outcome = verified()
    assert outcome.breaks[0].kind in (Kind.LINK_FORGED, Kind.CHAIN_REWRITTEN)
    assert outcome.breaks[0].seq == 1


def test_rewritten_chain_is_found_also_with_the_stolen_key(sealed: list[int], bend: Bend) -> None:
    """Whoever has the sealer's key too has not the checkpoints that lie elsewhere."""
    from oko.cabinet.audit.keys import signing_key

    bend("DELETE FROM audit_event WHERE id = %s", sealed[5])
    rewritten(bend, signing_key())
    assert first()[:2] == (Kind.CHAIN_REWRITTEN, 3)


def test_tail_cut_off(sealed: list[int], bend: Bend) -> None:
    bend("DELETE FROM audit_event WHERE id >= %s", sealed[8])
    bend("DELETE FROM audit_seal WHERE seq = 3")
    outcome = verified()
    assert (outcome.breaks[0].kind, outcome.breaks[0].seq) == (Kind.TAIL_CUT_OFF, 3)
    assert "недостаёт событий: 2" in outcome.breaks[0].detail


def test_everything_emptied(sealed: list[int], bend: Bend) -> None:
    bend("DELETE FROM audit_event")
    bend("DELETE FROM audit_seal")
    assert first()[:2] == (Kind.TAIL_CUT_OFF, 1)


def test_checkpoint_forged(sealed: list[int]) -> None:
    genuine = checkpoints.last()
    assert genuine is not None
    checkpoints.append(genuine._replace(link=bytes(32)))
    assert [broken.kind for broken in verified().breaks] == [Kind.CHECKPOINT_FORGED]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("ALTER TABLE audit_event DISABLE TRIGGER USER", "Выключен триггер «no_change»"),
        ("ALTER TABLE audit_seal DISABLE TRIGGER USER", "Выключен триггер «no_emptying» таблицы audit_seal"),
        ("DROP TRIGGER {to_be_sealed} ON audit_event", "Нет триггера «to_be_sealed»"),
        (
            "CREATE OR REPLACE FUNCTION {no_change}() RETURNS TRIGGER AS "
            "'BEGIN RETURN NEW; END' LANGUAGE plpgsql",
            "Подменена функция триггера «no_change»",
        ),
        ("ALTER TABLE audit_event ALTER verb DROP EXPRESSION", "Столбец «verb»"),
    ],
)
def test_guard_taken_off(sealed: list[int], sql: str, told: str) -> None:
    import pgtrigger

    names = {t.name: t.get_pgid(Event) for model, t in pgtrigger.registered() if model is Event}
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**names))
    broken = verified().breaks
    assert broken
    assert all(b.kind is Kind.GUARD_MISSING for b in broken)
    assert any(told in b.detail for b in broken)


def test_sealer_adds_nothing_to_a_chain_that_is_not_its_own(sealed: list[int], bend: Bend) -> None:
    from oko.cabinet.audit.keys import signing_key

    sealer = Sealer.ready(signing_key())
    foreign = chain.sealed(sealer.head, 0, [sealed[0]], bytes(32), Ed25519PrivateKey.generate())
    bend(
        "INSERT INTO audit_seal VALUES (%s, now(), 1, %s, %s, %s, %s, %s)",
        *(foreign.seq, [sealed[0]], foreign.digests, foreign.total, foreign.link, foreign.signature),
    )
    events(1)
    with pytest.raises(ChainBrokenError, match="изменено не печатью"):
        sealer.seal_all()
    with pytest.raises(ChainBrokenError, match="не ключом"):
        Sealer.ready(signing_key())
    assert verified().breaks[0].seq == 4


def test_sealer_does_not_go_on_over_a_tail_that_was_cut_off(sealed: list[int], bend: Bend) -> None:
    bend("DELETE FROM audit_seal WHERE seq = 3")
    with pytest.raises(ChainBrokenError, match="не то, что подписано"):
        seal()
    bend("DELETE FROM audit_seal")
    with pytest.raises(ChainBrokenError, match="звеньев нет"):
        seal()


def test_finding_reads_as_a_sentence() -> None:
    assert Break(Kind.EVENT_CHANGED, 2, 15).text == (
        "Событие изменено после того, как было запечатано. (звено 2, событие 15)"
    )
