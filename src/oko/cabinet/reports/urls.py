from __future__ import annotations

from django.urls import path

from oko.cabinet.reports import views
from oko.cabinet.reports.packages import views as packages
from oko.cabinet.reports.receipts import views as receipts

urlpatterns = [
    path("", views.index, name="reports"),
    path("receipts/", receipts.receipts, name="report-receipts"),
    path("receipts/remind/", receipts.remind, name="report-receipts-remind"),
    path("packages/", packages.packages, name="report-packages"),
    path("packages/<int:pk>/", packages.package, name="report-package"),
    path("packages/<int:pk>/cancel/", packages.cancel, name="report-package-cancel"),
    path("packages/<int:pk>/download/", packages.download, name="report-package-download"),
    path("<slug:paper>/marks/<slug:code>/", views.marks, name="report-marks"),
    path("<slug:paper>/items/<slug:code>/", views.items, name="report-items"),
    path("<slug:paper>/workbook/<slug:code>/", views.workbook, name="report-workbook"),
    path("<slug:paper>/behind/<slug:code>/", views.behind, name="report-behind"),
    path("<slug:paper>/received/", receipts.received, name="report-received"),
]
