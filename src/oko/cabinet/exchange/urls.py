from __future__ import annotations

from django.urls import path

from oko.cabinet.exchange import downloads, uploads, views

urlpatterns = [
    path("protocols/", views.protocols, name="protocols"),
    path("protocols/upload/", uploads.upload_several, name="protocols-upload"),
    path("protocols/unsorted/", views.unsorted, name="protocols-unsorted"),
    path("unsorted/<int:pk>/original", downloads.unsorted_original, name="unsorted-original"),
    path("unsorted/<int:pk>/sort", uploads.sort_unsorted, name="unsorted-sort"),
    path("unsorted/<int:pk>/set-aside", uploads.set_unsorted_aside, name="unsorted-set-aside"),
    path("protocols/<slug:paper>/<slug:organisation>/", views.protocol, name="protocol"),
    path("protocols/<slug:paper>/<slug:organisation>/form", downloads.blank_form, name="protocol-form"),
    path("protocols/<slug:paper>/<slug:organisation>/upload", uploads.upload, name="protocol-upload"),
    path("submissions/<int:pk>/", views.submission, name="submission"),
    path("submissions/<int:pk>/state", views.submission_state, name="submission-state"),
    path("submissions/<int:pk>/original", downloads.original, name="submission-original"),
    path("submissions/<int:pk>/marked", downloads.marked, name="submission-marked"),
    path("submissions/<int:pk>/cleaned", downloads.cleaned, name="submission-cleaned"),
    path("submissions/<int:pk>/send-cleaned", uploads.send_cleaned, name="submission-send-cleaned"),
    path("submissions/<int:pk>/return", views.return_protocol, name="submission-return"),
    path("submissions/<int:pk>/undo-return", views.undo_return, name="submission-undo-return"),
]
