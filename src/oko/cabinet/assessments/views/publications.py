"""News and documents: for those appointed, and on the public page for everybody."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from oko.cabinet.assessments import publishing, queries
from oko.cabinet.assessments.document_files import content_type
from oko.cabinet.assessments.forms import DocumentForm, NewDocumentForm, NewsForm
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
    if text:
        news, documents = news.filter(title__icontains=text), documents.filter(title__icontains=text)
    page = Paginator(news, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "news": [(one, may(acting, "assessments.publish", one)) for one in page],
        "documents": [(one, may(acting, "assessments.publish", one)) for one in documents],
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
        form.save()
        messages.success(request, _("Новость изменена."))
        return redirect("publications")
    return _form(request, form, _("Изменить новость"), _("Сохранить"))


def delete_news(request: ActingRequest, pk: int) -> HttpResponse:
    news = _news(request, pk)
    require(request.acting, "assessments.publish", news)
    if request.method == "POST":
        news.delete()
        messages.success(request, _("Новость снята с публикации."))
        return redirect("publications")
    text = _("Новость «%s» исчезнет из кабинета и с открытой страницы.") % news.title
    return _confirm(request, _("Снять новость?"), text, _("Снять новость"))


def document(request: ActingRequest, pk: int) -> HttpResponse:
    """The file as it was sent, always as a download."""
    found: Document = visible_or_404(Document.objects.visible_to(request.acting), pk=pk)
    response = HttpResponse(bytes(found.content), content_type=content_type(found.filename))
    response.headers["Content-Disposition"] = content_disposition(found.filename)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


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
        )
        messages.success(request, _("Документ опубликован."))
        return redirect("publications")
    return _form(request, form, _("Новый документ"), _("Опубликовать"))


def edit_document(request: ActingRequest, pk: int) -> HttpResponse:
    found = _document(request, pk)
    require(request.acting, "assessments.publish", found)
    form = DocumentForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Документ изменён."))
        return redirect("publications")
    return _form(request, form, _("Изменить документ"), _("Сохранить"))


def delete_document(request: ActingRequest, pk: int) -> HttpResponse:
    found = _document(request, pk)
    require(request.acting, "assessments.publish", found)
    if request.method == "POST":
        found.delete()
        messages.success(request, _("Документ снят с публикации."))
        return redirect("publications")
    text = _("Документ «%s» больше нельзя будет скачать из кабинета.") % found.title
    return _confirm(request, _("Снять документ?"), text, _("Снять документ"))


def _news(request: ActingRequest, pk: int) -> News:
    found: News = visible_or_404(News.objects.visible_to(request.acting), pk=pk)
    return found


def _document(request: ActingRequest, pk: int) -> Document:
    found: Document = visible_or_404(Document.objects.visible_to(request.acting).defer("content"), pk=pk)
    return found


def _form(request: ActingRequest, form: NewsForm | DocumentForm, heading: str, button: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "button": button}
    return render(request, "assessments/publication_form.html", context, status=400 if form.errors else 200)


def _confirm(request: ActingRequest, heading: str, text: str, button: str) -> HttpResponse:
    context = {"heading": heading, "text": text, "button": button, "back": "publications"}
    return render(request, "assessments/confirm.html", context)
