from __future__ import annotations

from django.urls import path

from oko.cabinet.assessments.views import board, clock, exceptions, papers, publications, readings, roadmap

urlpatterns = [
    path("roadmap/", roadmap.roadmap, name="roadmap"),
    path("roadmap/new/", roadmap.new_step, name="step-new"),
    path("roadmap/<int:pk>/", roadmap.edit_step, name="step-edit"),
    path("roadmap/<int:pk>/delete/", roadmap.delete_step, name="step-delete"),
    path("roadmap/<int:pk>/confirm/", roadmap.confirm_reading, name="step-confirm"),
    path("exceptions/", exceptions.exceptions, name="exceptions"),
    path("exceptions/new/", exceptions.new_exception, name="exception-new"),
    path("exceptions/<int:pk>/end/", exceptions.end_exception, name="exception-end"),
    path("board/", board.progress_board, name="board"),
    path("board/calls/", board.call_list, name="call-list"),
    path("board/<slug:code>/", board.school, name="board-school"),
    path("assessment/", papers.assessment, name="assessment"),
    path("assessment/clock/", clock.rehearsal_clock, name="rehearsal-clock"),
    path("papers/import/", papers.import_papers, name="papers-import"),
    path("papers/<slug:code>/", papers.paper, name="paper"),
    path("papers/<slug:code>/edit/", papers.edit_paper, name="paper-edit"),
    path("papers/<slug:code>/scale/", papers.add_scale, name="paper-scale"),
    path("publications/", publications.publications, name="publications"),
    path("news/new/", publications.new_news, name="news-new"),
    path("news/<int:pk>/", publications.edit_news, name="news-edit"),
    path("news/<int:pk>/delete/", publications.delete_news, name="news-delete"),
    path("documents/new/", publications.new_document, name="document-new"),
    path("documents/readings/", readings.who_has_not_read, name="readings"),
    path("documents/readings/remind/", readings.remind, name="readings-remind"),
    path("documents/<int:pk>/", publications.document, name="document"),
    path("documents/<int:pk>/confirm/", publications.confirm_document, name="document-confirm"),
    path("documents/<int:pk>/edit/", publications.edit_document, name="document-edit"),
    path("documents/<int:pk>/delete/", publications.delete_document, name="document-delete"),
    path("public/", publications.public_news, name="public-news"),
]
