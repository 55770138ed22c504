"""Where a page sends people on when it is done with them: `next`, if it is a place of this site."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

#: No address of ours is longer; a header that is too long breaks the answer.
LONGEST = 2000


def way_on(request: HttpRequest, otherwise: str) -> str:
    """The path in the `next` of the form or the address; `otherwise` when it leads elsewhere or nowhere.

    Only a path from the root counts: other words could be taken for the name of a view.
    """
    wanted = request.POST.get("next") or request.GET.get("next", "")
    inside = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if inside and len(wanted) <= LONGEST else otherwise
