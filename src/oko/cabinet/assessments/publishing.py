"""Publishing news and documents: the federal level for everybody, a region for itself."""

from __future__ import annotations

from django.db import transaction

from oko.cabinet.assessments.document_files import check_document, safe_filename
from oko.cabinet.assessments.models import Assessment, Document, News
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.clock import now
from oko.cabinet.people.models import Account


def _publisher(acting: Acting) -> int | None:
    """Whose it is: nobody's in particular for the whole country, else the region's."""
    return None if acting.scope is Scope.COUNTRY else acting.organisation_id


@transaction.atomic
def publish_news(news: News, acting: Acting, assessment: Assessment, author: Account) -> News:
    """Publish filled-in news, now."""
    news.assessment, news.author, news.organisation_id = assessment, author, _publisher(acting)
    news.published_at = now(assessment)
    news.save()
    return news


@transaction.atomic
def publish_document(
    acting: Acting, assessment: Assessment, title: str, filename: str, content: bytes, roles: list[str]
) -> Document:
    """Store a file as it was sent and show it to the roles.

    Raises:
        ValidationError: the file is empty, too large, or not of an allowed kind.
    """
    check_document(filename, content)
    return Document.everything.create(
        assessment=assessment,
        organisation_id=_publisher(acting),
        title=title,
        filename=safe_filename(filename),
        content=content,
        roles=roles,
        published_at=now(assessment),
    )
