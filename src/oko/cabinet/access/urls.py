from __future__ import annotations

from django.urls import path

from oko.cabinet.access.views import activation, entry, holders, issuing, security

urlpatterns = [
    path("sign-in/", entry.SignIn.as_view(), name="sign-in"),
    path("sign-out/", entry.sign_out, name="sign-out"),
    path("password/", entry.change_password, name="change-password"),
    path("activate/", activation.activate, name="activate"),
    path("activate/password/", activation.activate_password, name="activate-password"),
    path("activate/<str:token>/", activation.activate, name="activate-link"),
    path("security/", security.security, name="security"),
    path("security/confirm/", entry.confirm, name="confirm"),
    path("security/sessions/end-others/", security.end_other_sessions, name="sessions-end-others"),
    path("security/sessions/<uuid:number>/end/", security.end_session, name="session-end"),
    path("second-factor/", security.verify, name="second-factor"),
    path("second-factor/set-up/", security.set_up, name="second-factor-setup"),
    path("second-factor/app/", security.add_app, name="second-factor-app"),
    path("second-factor/passkey/", security.add_passkey, name="passkey-add"),
    path("second-factor/spare-codes/", security.new_spare_codes, name="spare-codes"),
    path("second-factor/<int:pk>/remove/", security.remove_factor, name="factor-remove"),
    path("access/", issuing.issue, name="access-issue"),
    path("access/prepare/", issuing.prepare, name="access-prepare"),
    path("access/lists/<int:pk>/", issuing.batch, name="access-batch"),
    path("access/lists/<int:pk>/take/", issuing.take, name="access-batch-take"),
    path("access/lists/<int:pk>/links/", issuing.links, name="access-batch-links"),
    path("access/people/<int:pk>/reset/", issuing.reset, name="access-reset"),
    path("access/holders/", holders.access_holders, name="access-holders"),
]
