"""Reading through `visible_to(acting)` and in no other way (law 2 of the design).

A guarded model's default manager refuses to answer: `Model.objects.all()` raises. A page reads
`Model.objects.visible_to(acting)`; an action or a background task, which has already decided who may,
says so openly with `Model.everything`.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django.db import models

from oko.cabinet.foundation.acting import Acting

ModelT = TypeVar("ModelT", bound=models.Model)


class UnscopedAccessError(RuntimeError):
    """A guarded model was read without saying for whom."""


class VisibleQuerySet(models.QuerySet[ModelT], Generic[ModelT]):
    """Each guarded model subclasses this and says in `visible_to` what one may see."""

    def visible_to(self, acting: Acting) -> VisibleQuerySet[ModelT]:
        raise UnscopedAccessError(f"{type(self).__name__} does not say what one may see")


class GuardedManager(models.Manager[ModelT], Generic[ModelT]):
    """The default manager of guarded models: only `visible_to` opens it."""

    queryset_class: type[VisibleQuerySet[Any]]

    def get_queryset(self) -> models.QuerySet[ModelT]:
        raise UnscopedAccessError(
            f"{self.model.__name__}.objects is guarded: "
            "use visible_to(acting), or .everything in actions and tasks"
        )

    def visible_to(self, acting: Acting) -> models.QuerySet[ModelT]:
        return self.queryset_class(self.model, using=self._db).visible_to(acting)


def guarded(queryset_class: type[VisibleQuerySet[Any]]) -> GuardedManager[Any]:
    """The manager for a model whose visible rows `queryset_class.visible_to` selects."""
    manager: GuardedManager[Any] = type(
        f"Guarded{queryset_class.__name__}Manager", (GuardedManager,), {"queryset_class": queryset_class}
    )()
    return manager


class GuardedModel(models.Model):
    """Base of every model that holds somebody's data.

    A subclass sets `objects = guarded(ItsQuerySet)`. Foreign keys and deletion go through `everything`.
    """

    objects: Any = guarded(VisibleQuerySet)
    everything = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everything"
        default_manager_name = "objects"
