"""What every answer tells the browser, error pages and files too: what it may load, run, keep and pass on."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Everything comes from this server. Inline scripts and styles do not exist; Tabler's styles draw signs of
# form fields from data: pictures.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

#: None of these is used; a passkey is (`publickey-credentials-*` stay as browsers have them: for ourselves).
FEATURES = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Computers in a staff room are shared: after signing out, «back» must show nothing. Static files have
    # said otherwise before they get here.
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Stands outside all that can answer. A view that sets one of the headers itself has its own word."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
