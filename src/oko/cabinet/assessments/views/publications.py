"""News and documents: for those appointed, and on the public page for everybody."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.assessments import publishing, queries, reading_actions, readings
from oko.cabinet.assessments.document_files import content_type
from oko.cabinet.assessments.forms import ChangeDocumentForm, DocumentForm, NewDocumentForm, NewsForm
from oko.cabinet.assessments.models import Document, News
from oko.cabinet.assessments.views.common import person
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import content_disposition
from oko.cabinet.people.middleware import public

PER_PAGE = 20


def publications(request: ActingRequest) -> HttpResponse:
    acting = request.acting
    text = queries.typed_text(request.GET, "q")
    news, documents = queries.news(acting), queries.documents(acting)
    mine = readings.own(acting)
    to_confirm = sum(not one.is_confirmed for one in mine)
    own_keys = [one.document.pk for one in mine]
    if text:
        news, documents = news.filter(title__icontains=text), documents.filter(title__icontains=text)
        mine = [one for one in mine if text.casefold() in one.document.title.casefold()]
    page = Paginator(news, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "news": [(one, may(acting, "assessments.publish", one)) for one in page],
        "mine": [(one, may(acting, "assessments.publish", one.document)) for one in mine],
        "to_confirm": to_confirm,
        "confirms": acting.delegation_id is None,
        "documents": [
            (one, may(acting, "assessments.publish", one)) for one in documents.exclude(pk__in=own_keys)
        ],
        "follows": may(acting, "assessments.follow_readings"),
        "publishes": may(acting, "assessments.publish"),
        "text": text,
    }
    return render(request, "assessments/publications.html", context)


@public
def public_news(request: HttpRequest) -> HttpResponse:
    """What anybody may read, without signing in."""
    page = Paginator(queries.public_news(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "assessments/public.html", {"page": page})


def new_news(request: ActingRequest) -> HttpResponse:
    require(request.acting, "assessments.publish")
    form = NewsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        assessment = queries.assessment_of(request.acting)
        publishing.publish_news(form.save(commit=False), request.acting, assessment, person(request))
        messages.success(request, _("Новость опубликована."))
        return redirect("publications")
    return _form(request, form, _("Новая новость"), _("Опубликовать"))


def edit_news(request: ActingRequest, pk: int) -> HttpResponse:
    news = _news(request, pk)
    require(request.acting, "assessments.publish", news)
    form = NewsForm(request.POST or None, instance=news)
    if request.method == "POST" and form.is_valid():
        publishing.change_news(request.acting, form.instance)
        messages.success(request, _("Новость изменена."))
        return redirect("publications")
    return _form(request, form, _("Изменить новость"), _("Сохранить"))


def delete_news(request: ActingRequest, pk: int) -> HttpResponse:
    news = _news(request, pk)
    require(request.acting, "assessments.publish", news)
    if request.method == "POST":
        publishing.withdraw_news(request.acting, news)
        messages.success(request, _("Новость снята с публикации."))
        return redirect("publications")
    text = _("Новость «%s» исчезнет из кабинета и с открытой страницы.") % news.title
    return _confirm(request, _("Снять новость?"), text, _("Снять новость"))


def document(request: ActingRequest, pk: int) -> HttpResponse:
    """The file as it was sent, always as a download; that it was opened is noted."""
    found: Document = visible_or_404(
        Document.objects.visible_to(request.acting).select_related("assessment", "organisation"), pk=pk
    )
    reading_actions.open_document(request.acting, found)
    response = HttpResponse(bytes(found.content), content_type=content_type(found.filename))
    response.headers["Content-Disposition"] = content_disposition(found.filename)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def confirm_document(request: ActingRequest, pk: int) -> HttpResponse:
    """«Ознакомлен(а)»: this person has read this document as it is now."""
    found = _document(request, pk)
    try:
        reading_actions.confirm_document(request.acting, found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Ознакомление подтверждено: «%s».") % found.title)
    return redirect(readings.ADDRESS)


def new_document(request: ActingRequest) -> HttpResponse:
    require(request.acting, "assessments.publish")
    form = NewDocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        publishing.publish_document(
            request.acting,
            queries.assessment_of(request.acting),
            form.cleaned_data["title"],
            file.name,
            file.read(),
            form.cleaned_data["roles"],
            to_confirm=form.cleaned_data["to_confirm"],
        )
        messages.success(request, _("Документ опубликован."))
        return redirect("publications")
    return _form(request, form, _("Новый документ"), _("Опубликовать"))


def edit_document(request: ActingRequest, pk: int) -> HttpResponse:
    found = _document(request, pk)
    require(request.acting, "assessments.publish", found)
    form = ChangeDocumentForm(request.POST or None, request.FILES or None, instance=found)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file:
            publishing.change_document(request.acting, form.instance, file.name, file.read())
            messages.success(request, _("Файл заменён. Все, для кого документ, подтвердят его заново."))
        else:
            publishing.change_document(request.acting, form.instance)
            messages.success(request, _("Документ изменён."))
        return redirect("publications")
    return _form(request, form, _("Изменить документ"), _("Сохранить"))


def delete_document(request: ActingRequest, pk: int) -> HttpResponse:
    found = _document(request, pk)
    require(request.acting, "assessments.publish", found)
    if request.method == "POST":
        publishing.withdraw_document(request.acting, found)
        messages.success(request, _("Документ снят с публикации."))
        return redirect("publications")
    text = (
        _(
            "Документ «%s» больше нельзя будет скачать из кабинета, отметки об ознакомлении с ним исчезнут "
            "из таблиц. В журнале они останутся."
        )
        % found.title
    )
    return _confirm(request, _("Снять документ?"), text, _("Снять документ"))


def _news(request: ActingRequest, pk: int) -> News:
    found: News = visible_or_404(News.objects.visible_to(request.acting), pk=pk)
    return found


def _document(request: ActingRequest, pk: int) -> Document:
    documents = Document.objects.visible_to(request.acting).defer("content")
    found: Document = visible_or_404(documents.select_related("assessment", "organisation"), pk=pk)
    return found


def _form(request: ActingRequest, form: NewsForm | DocumentForm, heading: str, button: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "button": button}
    return render(request, "assessments/publication_form.html", context, status=400 if form.errors else 200)


def _confirm(request: ActingRequest, heading: str, text: str, button: str) -> HttpResponse:
    context = {"heading": heading, "text": text, "button": button, "back": "publications"}
    return render(request, "assessments/confirm.html", context)
