"""Publishing news and documents: the federal level for everybody, a region for itself."""

from __future__ import annotations

from django.db import transaction

from oko.cabinet.assessments import journal
from oko.cabinet.assessments.document_files import check_document, safe_filename
from oko.cabinet.assessments.models import Assessment, Document, News
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.clock import now
from oko.cabinet.people.models import Account

NEWS_FACTS = ("title", "body", "is_public")
DOCUMENT_FACTS = ("title", "filename", "sha256", "roles", "to_confirm")


def _publisher(acting: Acting) -> int | None:
    """Whose it is: nobody's in particular for the whole country, else the region's."""
    return None if acting.scope is Scope.COUNTRY else acting.organisation_id


@transaction.atomic
def publish_news(news: News, acting: Acting, assessment: Assessment, author: Account) -> News:
    """Publish filled-in news, now."""
    news.assessment, news.author, news.organisation_id = assessment, author, _publisher(acting)
    news.published_at = now(assessment)
    news.save()
    record(journal.NEWS_PUBLISHED, acting=acting, on=news, after=facts(news, *NEWS_FACTS))
    return news


@transaction.atomic
def change_news(acting: Acting, news: News) -> None:
    """Write what a form has changed."""
    before = facts(News.everything.get(pk=news.pk), *NEWS_FACTS)
    news.save(update_fields=NEWS_FACTS)
    record(journal.NEWS_CHANGED, acting=acting, on=news, before=before, after=facts(news, *NEWS_FACTS))


@transaction.atomic
def withdraw_news(acting: Acting, news: News) -> None:
    """Take news off; the journal keeps its words."""
    record(journal.NEWS_WITHDRAWN, acting=acting, on=news, before=facts(news, *NEWS_FACTS))
    news.delete()


@transaction.atomic
def publish_document(
    acting: Acting,
    assessment: Assessment,
    title: str,
    filename: str,
    content: bytes,
    roles: list[str],
    *,
    to_confirm: bool = True,
) -> Document:
    """Store a file as it was sent and show it to the roles.

    Raises:
        ValidationError: the file is empty, too large, or not of an allowed kind.
    """
    check_document(filename, content)
    document = Document.everything.create(
        assessment=assessment,
        organisation_id=_publisher(acting),
        title=title,
        filename=safe_filename(filename),
        content=content,
        roles=roles,
        to_confirm=to_confirm,
        published_at=now(assessment),
    )
    record(journal.DOCUMENT_PUBLISHED, acting=acting, on=document, after=facts(document, *DOCUMENT_FACTS))
    return document


@transaction.atomic
def change_document(
    acting: Acting, document: Document, filename: str = "", content: bytes | None = None
) -> None:
    """Write what a form has changed; with `content` its file is replaced, and everybody confirms it anew.

    Raises:
        ValidationError: the new file is empty, too large, or not of an allowed kind.
    """
    before = facts(Document.everything.defer("content").get(pk=document.pk), *DOCUMENT_FACTS)
    changed = ["title", "roles", "to_confirm"]
    if content is not None:
        check_document(filename, content)
        document.filename, document.content = safe_filename(filename), content
        document.published_at = now(document.assessment)
        changed += ["filename", "content", "published_at"]
    document.save(update_fields=changed)
    document.refresh_from_db(fields=["sha256"])
    record(
        journal.DOCUMENT_CHANGED,
        acting=acting,
        on=document,
        before=before,
        after=facts(document, *DOCUMENT_FACTS),
    )


@transaction.atomic
def withdraw_document(acting: Acting, document: Document) -> None:
    """Take a document off, with the marks of who has read it: these stay in the journal."""
    record(journal.DOCUMENT_WITHDRAWN, acting=acting, on=document, before=facts(document, *DOCUMENT_FACTS))
    document.delete()
