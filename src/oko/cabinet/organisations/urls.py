from __future__ import annotations

from django.urls import path

from oko.cabinet.organisations import imports, views

urlpatterns = [
    path("", views.organisations, name="organisations"),
    path("own/", views.own_organisation, name="own-organisation"),
    path("new/", views.new_organisation, name="new-organisation"),
    path("import/", imports.upload, name="import-organisations"),
    path("import/<int:pk>/", imports.review, name="review-organisations"),
    path("import/<int:pk>/cancel/", imports.cancel, name="cancel-organisations"),
    path("<slug:code>/", views.organisation, name="organisation"),
    path("<slug:code>/change/", views.change, name="change-organisation"),
]
