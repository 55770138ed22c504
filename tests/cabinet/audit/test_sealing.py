"""The sealer at work: everything committed, in one pass, whatever the clock says."""

from __future__ import annotations

import os
import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oko.cabinet.audit import chain, checkpoints, sealer, sealing
from oko.cabinet.audit.chain import SealRecord
from oko.cabinet.audit.keys import Ed25519PrivateKey, KeyFileError, signing_key
from oko.cabinet.audit.models import Seal, WaitingEvent
from oko.cabinet.audit.walking import ChainWalk
from oko.cabinet.foundation import clock
from tests.cabinet.audit.conftest import events, seal, verified


def test_one_pass_seals_everything_that_is_committed(
    audit_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    made = events(8)
    assert WaitingEvent.objects.count() == 8
    assert seal() == 8
    assert not WaitingEvent.objects.exists()
    assert [number for one in Seal.objects.all() for number in one.events] == made
    assert seal() == 0, "nothing is sealed twice"


def test_sealer_is_never_later_than_promised() -> None:
    assert sealer.PAUSE * 2 < sealer.LATEST <= 10


def test_each_pass_leaves_a_signed_checkpoint_outside_the_database(audit_root: Path) -> None:
    for count in (1, 2):
        events(count)
        seal()
    points = list(checkpoints.read(audit_root / "checkpoints.jsonl"))
    assert [(point.seq, point.total) for point in points] == [(1, 1), (2, 3)]
    key = signing_key().public_key()
    assert all(chain.is_signed(key, point.signature, point.statement) for point in points)


def test_event_of_a_slow_transaction_is_sealed_when_it_comes(audit_root: Path) -> None:
    """Numbers are given before commit: a later number may be there first."""
    slow, quick = events(2)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_waitingevent WHERE event = %s", [slow])
    seal()
    WaitingEvent.objects.create(event=slow)
    seal()
    assert [one.events for one in Seal.objects.order_by("seq")] == [[quick], [slow]]
    assert verified().whole


def test_clock_stepped_back_breaks_nothing(audit_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events(2)
    seal()
    yesterday = clock.now() - timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda *_assessment: yesterday)
    monkeypatch.setattr("oko.cabinet.audit.recording.timezone.now", lambda: yesterday)
    events(2)
    assert seal() == 2
    first, second = Seal.objects.order_by("seq")
    assert second.sealed_at < first.sealed_at
    assert verified().whole


def test_sealer_killed_between_the_database_and_the_file_goes_on(audit_root: Path) -> None:
    events(1)
    seal()
    path = audit_root / "checkpoints.jsonl"
    before = path.read_bytes()
    events(1)
    seal()
    path.write_bytes(before + b'{"seq": 2, "li')
    events(1)
    assert seal() == 1
    assert [point.seq for point in checkpoints.read(path)] == [1, 2, 3]
    assert verified().whole


def test_key_is_the_owners_alone(audit_root: Path) -> None:
    signing_key()
    path = audit_root / "sealer-key.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    if os.name == "posix":
        with pytest.raises(KeyFileError, match="chmod 600"):
            signing_key()


def test_lost_key_is_not_replaced_in_silence(audit_root: Path) -> None:
    signing_key()
    (audit_root / "sealer-key.pem").unlink()
    with pytest.raises(KeyFileError, match="резервной копии"):
        signing_key()


@pytest.mark.parametrize(
    "text", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_key_file_of_nonsense_is_said_in_words(audit_root: Path, text: bytes) -> None:
    audit_root.mkdir()
    (audit_root / "sealer-key.pem").write_bytes(text)
    (audit_root / "sealer-key.pem").chmod(0o600)
    with pytest.raises(KeyFileError, match="не ключ печати"):
        signing_key()


def test_second_sealer_waits(audit_root: Path) -> None:
    assert sealer.is_the_one()
    parameters = connection.get_connection_params()
    other = psycopg.connect(
        **{n: v for n, v in parameters.items() if n in ("dbname", "user", "host", "port")}
    )
    with other, other.cursor() as cursor:
        taken = cursor.execute("SELECT pg_try_advisory_lock(%s)", [sealer.ONE_SEALER]).fetchone()
    assert taken == (False,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [sealer.ONE_SEALER])


def test_sealer_works_until_it_is_told_to_stop(audit_root: Path) -> None:
    events(3)

    class AfterOnePass(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            return bool(timeout)

    sealer.run(AfterOnePass())
    assert Seal.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")


KEY = Ed25519PrivateKey.generate()


def chain_of(sizes: list[int]) -> list[SealRecord]:
    made: list[SealRecord] = []
    number = 1
    for size in sizes:
        numbers = range(number, number + size)
        digests = b"".join(chain.digest(b"mac", str(event).encode()) for event in numbers)
        made.append(chain.sealed(made[-1] if made else None, number, list(numbers), digests, KEY))
        number += size
    return made


def walked(seals: list[SealRecord]) -> ChainWalk:
    walk = ChainWalk({})
    for one in seals:
        walk.step(one, one.digests)
    return walk


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6), st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_change_of_any_link_is_noticed(sizes: list[int], data: Any) -> None:
    """One field of one link changed, a link left out, or two links in each other's places."""
    seals = chain_of(sizes)
    assert not walked(seals).all_breaks()
    place = data.draw(st.integers(0, len(seals) - 1))
    how = data.draw(st.sampled_from(["moment", "total", "link", "events", "digests", "left out", "swapped"]))
    one = seals[place]
    if how == "left out":
        seals = [*seals[:place], *seals[place + 1 :]]
        cut_tail = place == len(seals)
        assert bool(walked(seals).all_breaks()) != cut_tail, "a cut tail is told by the checkpoint alone"
        return
    if how == "swapped":
        other = (place + 1) % len(seals)
        seals[place], seals[other] = seals[other], seals[place]
    elif how in ("moment", "total"):
        seals[place] = one._replace(**{how: getattr(one, how) + data.draw(st.integers(1, 2**40))})
    elif how == "events":
        seals[place] = one._replace(events=[number + 1 for number in one.events])
    else:
        old = getattr(one, how)
        byte = data.draw(st.integers(0, len(old) - 1))
        seals[place] = one._replace(**{how: old[:byte] + bytes([old[byte] ^ 1]) + old[byte + 1 :]})
    breaks = walked(seals).all_breaks()
    assert breaks
    assert breaks[0].seq in (one.seq, one.seq + 1, 1)
