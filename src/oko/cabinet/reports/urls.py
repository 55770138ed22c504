from __future__ import annotations

from django.urls import path

from oko.cabinet.reports import views
from oko.cabinet.reports.packages import views as packages
from oko.cabinet.reports.receipts import views as receipts
from oko.cabinet.reports.summary import views as summary

urlpatterns = [
    path("", views.index, name="reports"),
    path("receipts/", receipts.receipts, name="report-receipts"),
    path("receipts/remind/", receipts.remind, name="report-receipts-remind"),
    path("packages/", packages.packages, name="report-packages"),
    path("packages/<int:pk>/", packages.package, name="report-package"),
    path("packages/<int:pk>/cancel/", packages.cancel, name="report-package-cancel"),
    path("packages/<int:pk>/download/", packages.download, name="report-package-download"),
    path("<slug:paper>/summary/<slug:code>/", summary.page, name="report-summary"),
    path("<slug:paper>/workbook/<slug:code>/", views.workbook, name="report-workbook"),
    path("<slug:paper>/download/<slug:code>/<str:file>", views.download, name="report-download"),
    path("<slug:paper>/works/<slug:code>/", views.works, name="report-works"),
    path("<slug:paper>/behind/<slug:code>/", views.behind, name="report-behind"),
    path("<slug:paper>/received/", receipts.received, name="report-received"),
    path("<slug:paper>/<slug:direction>/<slug:code>/", views.report, name="report"),
]
