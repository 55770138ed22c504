"""What verification may find: a closed list, each with its sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    EVENT_CHANGED = "event_changed"
    EVENT_REMOVED = "event_removed"
    EVENTS_REORDERED = "events_reordered"
    EVENT_INSERTED = "event_inserted"
    EVENT_COPIED = "event_copied"
    EVENT_PAST_THE_QUEUE = "event_past_the_queue"
    EVENT_REMOVED_UNSEALED = "event_removed_unsealed"
    LINK_CHANGED = "link_changed"
    LINK_REMOVED = "link_removed"
    LINK_FORGED = "link_forged"
    CHAIN_REWRITTEN = "chain_rewritten"
    TAIL_CUT_OFF = "tail_cut_off"
    CHECKPOINT_FORGED = "checkpoint_forged"
    GUARD_MISSING = "guard_missing"
    FILE_INCOMPLETE = "file_incomplete"


SENTENCES: dict[Kind, str] = {
    Kind.EVENT_CHANGED: "Событие изменено после того, как было запечатано.",
    Kind.EVENT_REMOVED: "Событие удалено после того, как было запечатано.",
    Kind.EVENTS_REORDERED: "События переставлены: на месте этого события стоит другое.",
    Kind.EVENT_INSERTED: "Событие вставлено или изменено помимо программы: код подлинности неверен.",
    Kind.EVENT_COPIED: "Событие вставлено помимо программы: это копия другого события.",
    Kind.EVENT_PAST_THE_QUEUE: "Событие вставлено в обход очереди на печать.",
    Kind.EVENT_REMOVED_UNSEALED: "Событие удалено раньше, чем было запечатано.",
    Kind.LINK_CHANGED: "Звено цепи изменено или вставлено: оно не продолжает предыдущее.",
    Kind.LINK_REMOVED: "Звено цепи удалено.",
    Kind.LINK_FORGED: "Звено цепи подписано не ключом печати: с этого места цепь переписана.",
    Kind.CHAIN_REWRITTEN: "Цепь переписана: звено не то, что подписано в контрольной точке.",
    Kind.TAIL_CUT_OFF: "Конец цепи отрезан: в контрольной точке подписано больше, чем есть.",
    Kind.CHECKPOINT_FORGED: "Контрольная точка подписана не ключом печати.",
    Kind.GUARD_MISSING: "Защита журнала в базе данных снята.",
    Kind.FILE_INCOMPLETE: "Файл выгрузки не закончен: последняя строка отсутствует.",
}


class Break(NamedTuple):
    """One thing that is not as it was: in which link, which event, and what else there is to say."""

    kind: Kind
    seq: int | None = None
    event: int | None = None
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "sentence": SENTENCES[self.kind],
            "link": self.seq,
            "event": self.event,
            "detail": self.detail,
        }

    @property
    def text(self) -> str:
        place = [f"звено {self.seq}"] if self.seq is not None else []
        place += [f"событие {self.event}"] if self.event is not None else []
        where = f" ({', '.join(place)})" if place else ""
        return f"{SENTENCES[self.kind]}{where}" + (f" {self.detail}" if self.detail else "")


@dataclass
class Outcome:
    """What verification has seen; `breaks` stand in the order of the chain: the first is the first broken."""

    breaks: list[Break] = field(default_factory=list)
    events: int = 0
    links: int = 0
    head: str = ""  # the last link, to be written down elsewhere
    until: datetime | None = None
    waiting: int = 0
    waiting_since: datetime | None = None
    fingerprint: str = ""

    @property
    def whole(self) -> bool:
        return not self.breaks
