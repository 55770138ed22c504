from __future__ import annotations

from django.urls import path

from oko.cabinet.audit import views

urlpatterns = [
    path("", views.journal, name="journal"),
    path("<int:pk>/", views.event, name="journal-event"),
    path("own/", views.own_readers, name="own-readers"),
]
