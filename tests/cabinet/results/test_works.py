"""From accepted protocols to works in Parquet, and back from a number to the submissions behind it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from oko.cabinet.exchange import actions as exchange
from oko.cabinet.results import actions, queries
from oko.cabinet.results.models import ProtocolWorks, WorksPartition
from oko.engines.statistics.works import open_works
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled

pytestmark = pytest.mark.django_db


def send(world: World, school: str = "school1", points: int = 1) -> exchange.Submission:
    content = filled.protocol(world, school=school, points=points)
    acting = world.acting("federal")
    return exchange.submit_protocol(acting, world.papers["rus4"], world[school], "п.xlsx", content).submission


def stored(world: World) -> list[dict[str, object]]:
    paper = world.papers["rus4"].for_engines()
    with open_works(settings.WORKS_ROOT, world.assessment.code, paper) as works:
        return works.execute().to_dict("records")


def test_accepted_protocol_is_written_with_its_school_and_territory(world: World) -> None:
    send(world)
    send(world, school="state")
    partition = actions.write_partition(world.papers["rus4"], world["region"])
    assert partition is not None
    assert (partition.protocols, partition.works, partition.is_fresh) == (2, 24, True)
    rows = stored(world)
    assert len(rows) == 24
    places = {(row["school"], row["municipality"], row["supervisor"], row["region"]) for row in rows}
    assert places == {
        ("edu640001", "mun6401", "mun6401", "64"),
        ("edu640004", "mun6401", "rcoko64", "64"),
    }


def test_new_version_takes_the_place_of_the_old_one(world: World) -> None:
    send(world, points=0)
    second = send(world, points=1)
    actions.write_partition(world.papers["rus4"], world["region"])
    assert ProtocolWorks.everything.get().submission == second
    assert {row["total"] for row in stored(world)} == {20}


def test_returned_protocol_leaves_the_works(world: World) -> None:
    submission = send(world)
    send(world, school="school2")
    exchange.return_protocol(world.acting("municipal"), submission, "Баллы")
    actions.write_partition(world.papers["rus4"], world["region"])
    assert {row["school"] for row in stored(world)} == {"edu640002"}


def test_change_enqueues_one_job_for_its_partition_in_the_same_transaction(world: World) -> None:
    send(world)
    send(world, school="school2")
    send(world, school="school5")
    waiting = ProcrastinateJob.objects.filter(task_name="results.write_partition", status="todo")
    ours = [world["region"].pk, world["region2"].pk]
    # Jobs of earlier test runs may lie in the queue: nothing empties its tables.
    assert sorted(job.args["region_id"] for job in waiting if job.args["region_id"] in ours) == sorted(ours)


def test_job_waits_a_little_so_that_a_burst_is_written_once(world: World) -> None:
    before = timezone.now()
    send(world)
    job = ProcrastinateJob.objects.get(
        queueing_lock=f"results.write_partition:{world.papers['rus4'].pk}:{world['region'].pk}",
        status="todo",
    )
    assert job.scheduled_at - before >= timedelta(seconds=actions.SETTLING)
    assert timedelta(seconds=actions.SETTLING) < actions.LEASE / 2, "иначе за заданием поспешит уборщик"
    assert queries.freshness(world.papers["rus4"], world["region"]).words.endswith("обновляется")


def test_job_that_is_enqueued_already_spoils_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    paper, region = world.papers["rus4"].pk, world["region"].pk
    actions.enqueue_writing(paper, region)
    monkeypatch.setattr(
        ProcrastinateJob.objects, "filter", lambda **kwargs: ProcrastinateJob.objects.none()
    )  # as if the other had been enqueued a moment later
    actions.enqueue_writing(paper, region)
    monkeypatch.undo()
    assert (
        ProcrastinateJob.objects.filter(queueing_lock=f"results.write_partition:{paper}:{region}").count()
        == 1
    )


def test_job_writes_the_partition(world: World) -> None:
    from oko.cabinet.results.tasks import write_partition

    send(world)
    write_partition(paper_id=world.papers["rus4"].pk, region_id=world["region"].pk)
    assert WorksPartition.objects.get().is_fresh


def test_partition_of_a_killed_worker_is_written_by_the_sweeper(world: World) -> None:
    send(world)
    assert actions.write_stale_partitions() == 0, "сначала очередь за заданием"
    WorksPartition.objects.update(changed_at=timezone.now() - 2 * actions.LEASE)
    assert actions.write_stale_partitions() == 1
    assert len(stored(world)) == 12
    assert actions.write_stale_partitions() == 0


def test_change_while_the_file_is_written_leaves_it_stale(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(world)
    real = actions.write_works

    def write_and_change(*args: object) -> object:
        path = real(*args)  # type: ignore[arg-type]
        send(world, school="school2")
        return path

    with monkeypatch.context() as patch:
        patch.setattr(actions, "write_works", write_and_change)
        partition = actions.write_partition(world.papers["rus4"], world["region"])
    assert partition is not None
    assert not partition.is_fresh
    actions.write_partition(world.papers["rus4"], world["region"])
    assert len(stored(world)) == 24


def test_partition_where_nothing_was_accepted_is_not_written(world: World) -> None:
    assert actions.write_partition(world.papers["rus4"], world["region"]) is None
    assert stored(world) == []


def test_freshness_says_on_how_many_protocols_a_report_stands(world: World) -> None:
    send(world)
    paper = world.papers["rus4"]
    before = queries.freshness(paper, world["mun1"])
    assert (before.protocols, before.expected, before.written_at, before.waiting) == (1, 3, None, True)
    actions.write_partition(paper, world["region"])
    after = queries.freshness(paper, world["mun1"])
    assert after.words.startswith("По 1\xa0протоколу из 3, обновлено ")
    assert not after.words.endswith("обновляется")
    assert queries.freshness(paper, world["centre"]).expected == 4
    assert queries.freshness(paper, world["region2"]).protocols == 0


def test_number_leads_to_the_submissions_behind_it(world: World) -> None:
    first, second = send(world), send(world, school="state")
    paper = world.papers["rus4"]
    behind = queries.works_behind(world.acting("regional"), paper, world["mun1"])
    assert [row.submission for row in behind] == [second, first]
    assert not queries.works_behind(world.acting("municipal2"), paper, world["mun2"]).exists()
    of_centre = queries.works_behind(world.acting("responsible"), paper, world["centre"])
    assert [row.submission for row in of_centre] == [second], "those whom the centre supervises"
    only = queries.works_behind(world.acting("regional"), paper, world["school1"])
    assert [row.submission for row in only] == [first]
