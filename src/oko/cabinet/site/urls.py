"""All addresses. Each app brings its own."""

from __future__ import annotations

from django.urls import include, path

from oko.cabinet.site import views

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("health/", views.health, name="health"),
    path("audit/", include("oko.cabinet.audit.urls")),
    path("", include("oko.cabinet.people.urls")),
    path("", include("oko.cabinet.access.urls")),
    path("appointments/", include("oko.cabinet.appointments.urls")),
    path("organisations/", include("oko.cabinet.organisations.urls")),
    path("", include("oko.cabinet.assessments.urls")),
    path("", include("oko.cabinet.exchange.urls")),
    path("reports/", include("oko.cabinet.reports.urls")),
]

handler400 = "oko.cabinet.site.views.bad_request"
handler403 = "oko.cabinet.site.views.forbidden"
handler404 = "oko.cabinet.site.views.not_found"
handler500 = "oko.cabinet.site.views.server_error"
