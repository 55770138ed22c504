"""How the addresses of organisations are tried."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from oko.cabinet.organisations.models import ImportDraft
from oko.cabinet.people.models import Account
from tests.cabinet.matrix.expected import Tried, act, form, page
from tests.cabinet.matrix.stage import NONE, Stage, Thing, Things, of_organisations

LIST = (
    "Код;Вид;Полное название;Код вышестоящей;Код территории;Собственность;Часовой пояс\n"
    "edu640001;Школа;Школа № 1;mun6401;mun6401;муниципальная;Europe/Saratov\n"
)
MINE, SOMEBODY_ELSES = "свой список", "чужой список"


def _draft(stage: Stage, account: Account) -> int:
    content = LIST.encode()
    draft = ImportDraft.everything.create(
        account=account, organisation=stage.own, filename="список.csv", content=content, sha256="0" * 64
    )
    return int(draft.pk)


def drafts(stage: Stage) -> Things:
    """A list is its sender's alone: not even a colleague in the same organisation sees it."""

    def make() -> Things:
        colleague = Account.objects.create_user(f"colleague-{stage.actor}", None, full_name="Коллега")
        return {
            MINE: Thing({"pk": _draft(stage, stage.person)}),
            SOMEBODY_ELSES: Thing({"pk": _draft(stage, colleague)}, seen=False),
            NONE: Thing({"pk": 10**9}, seen=False),
        }

    found: Things = stage.once("drafts", make)
    return found


def address_of_delivery(stage: Stage, thing: Thing) -> dict[str, Any]:
    return {"delivery_address": "410000, Приречье, ул. Школьная, 1"}


def a_list(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("список.csv", LIST.encode())}


TRIED: dict[str, Tried] = {
    "organisations": page(),
    "own-organisation": page(),
    "organisation": page(of_organisations()),
    "new-organisation": form(),
    "change-organisation": form(of_organisations()),
    "import-organisations": form(),
    "review-organisations": page(drafts),
    "cancel-organisations": act(drafts),
}
