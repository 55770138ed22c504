from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from oko.cabinet.appointments import appointing, deputies, imports, list_views, papers, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.appointments, name="appointments"),
    path("waiting/", views.waiting, name="waiting-appointments"),
    path("new/", appointing.new, name="new-appointment"),
    path("import/", imports.upload, name="import-appointments"),
    path("import/template/", imports.template, name="appointments-template"),
    path("import/<int:pk>/", imports.review, name="review-appointments"),
    path("import/<int:pk>/cancel/", imports.cancel, name="cancel-appointments"),
    path("orders/", papers.order_list, name="orders"),
    path("orders/new/", papers.new_order, name="new-order"),
    path("orders/<int:pk>/", papers.order, name="order"),
    path("orders/<int:pk>/attach/", papers.attach, name="attach-scan"),
    path("orders/<int:pk>/scan/", papers.scan, name="order-scan"),
    path("orders/<int:pk>/sign/", papers.sign, name="sign-order"),
    path("orders/<int:pk>/print/", papers.printable, name="print-order"),
    path("lists/", list_views.received, name="responsible-lists"),
    path("lists/send/", list_views.sending, name="send-responsible-list"),
    path("lists/consolidated/", list_views.consolidated, name="consolidated-responsible"),
    path("lists/<int:pk>/", list_views.one_list, name="responsible-list"),
    path("delegations/", deputies.delegation_list, name="delegations"),
    path("delegations/<int:pk>/end/", deputies.end, name="end-delegation"),
    path("<int:pk>/", views.appointment, name="appointment"),
    path("<int:pk>/confirm/", views.confirm, name="confirm-appointment"),
    path("<int:pk>/decline/", views.decline, name="decline-appointment"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw-appointment"),
    path("<int:pk>/change/", appointing.change, name="change-appointment"),
    path("<int:pk>/person/", appointing.change_person, name="change-person"),
]
