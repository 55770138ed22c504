from __future__ import annotations

from django.urls import path

from oko.cabinet.people import notices_views, views

urlpatterns = [
    path("acting/<int:pk>/", views.act_as, name="act-as"),
    path("no-appointment/", views.no_appointment, name="no-appointment"),
    path("people/", views.people, name="people"),
    path("notices/", notices_views.all_notices, name="notices"),
    path("notices/read/", notices_views.read_all, name="notices-read"),
    path("notices/<int:pk>/read/", notices_views.read, name="notice-read"),
]
