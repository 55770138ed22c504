from __future__ import annotations

from django.urls import path

from oko.cabinet.reports import views

urlpatterns = [
    path("", views.index, name="reports"),
    path("<slug:paper>/marks/<slug:code>/", views.marks, name="report-marks"),
    path("<slug:paper>/items/<slug:code>/", views.items, name="report-items"),
    path("<slug:paper>/workbook/<slug:code>/", views.workbook, name="report-workbook"),
    path("<slug:paper>/behind/<slug:code>/", views.behind, name="report-behind"),
    path("<slug:paper>/received/", views.received, name="report-received"),
]
