"""Loading a list of organisations: upload, findings or a preview, confirmation."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.foundation.access import require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import CabinetTable, show
from oko.cabinet.organisations import actions
from oko.cabinet.organisations.facts import changed_fields
from oko.cabinet.organisations.forms import UploadForm
from oko.cabinet.organisations.importing import Plan, find_table, plan_import
from oko.cabinet.organisations.layout import COLUMN_OF, COLUMNS, shown
from oko.cabinet.organisations.models import ImportDraft
from oko.cabinet.organisations.sheets import LARGEST_FILE, UnreadableTable, read_sheets
from oko.cabinet.organisations.tables import ChangeTable, FindingTable


def upload(request: ActingRequest) -> HttpResponse:
    """Choose a file; it is kept only where it can be read as a list."""
    require(request.acting, "organisations.import")
    posted = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if posted else UploadForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read(LARGEST_FILE + 1)
        try:
            find_table(read_sheets(content))
        except UnreadableTable as error:
            form.add_error("file", str(error))
        else:
            draft = actions.keep_draft(request.acting, file.name or "", content)
            return redirect("review-organisations", pk=draft.pk)
    return render(request, "organisations/import.html", {"form": form, "columns": COLUMNS})


def review(request: ActingRequest, pk: int) -> HttpResponse:
    """What the file would change, or what to mend in it; confirming writes all of it or nothing."""
    require(request.acting, "organisations.import")
    draft: ImportDraft = visible_or_404(ImportDraft.objects.visible_to(request.acting), pk=pk)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        plan = actions.apply_draft(request.acting, draft, seen)
        if not plan.findings and plan.digest == seen:
            messages.success(
                request, _("Список загружен: новых %(new)s, изменено %(changed)s.") % _numbers(plan)
            )
            return redirect("organisations")
        messages.warning(request, _("Пока вы смотрели, база изменилась. Проверьте, что получится теперь."))
    else:
        plan = plan_import(request.acting, bytes(draft.content))
    table: CabinetTable = _findings(plan) if plan.findings else ChangeTable(list(_changes(plan)))
    answer = show(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    return render(request, "organisations/review.html", {"draft": draft, "plan": plan, "table": table})


def _findings(plan: Plan) -> FindingTable:
    """A CSV has no sheets to name."""
    return FindingTable(plan.findings, exclude=() if plan.findings[0].sheet else ("sheet",))


def _numbers(plan: Plan) -> dict[str, int]:
    return {"new": len(plan.new), "changed": len(plan.changed)}


def _changes(plan: Plan) -> Iterator[dict[str, str]]:
    """New organisations first, then each changed fact with its «before» and «after»."""
    for facts in plan.new:
        yield {
            "code": facts.code,
            "name": facts.short_name,
            "field": _("новая организация"),
            "before": "",
            "after": f"{shown('kind', facts)}; {facts.supervisor}",
        }
    for before, after in plan.changed:
        for name in changed_fields(before, after):
            yield {
                "code": after.code,
                "name": before.short_name,
                "field": COLUMN_OF[name].header,
                "before": shown(name, before),
                "after": shown(name, after),
            }


@require_POST
def cancel(request: ActingRequest, pk: int) -> HttpResponse:
    require(request.acting, "organisations.import")
    draft = visible_or_404(ImportDraft.objects.visible_to(request.acting), pk=pk)
    actions.drop_draft(request.acting, draft)
    messages.info(request, _("Файл удалён, ничего не изменилось."))
    return redirect("import-organisations")
