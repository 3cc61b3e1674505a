"""Who may see the pages of staff."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from ratings.gate import MemberRequest, members_only

View = Callable[..., HttpResponse]


def staff_only(view: View) -> Callable[..., Any]:
    """Send a guest to sign in; say to a member that the page is not theirs."""

    @never_cache
    @members_only
    @wraps(view)
    def guarded(request: MemberRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def may(request: HttpRequest, permission: str) -> bool:
    return request.user.has_perm(permission)
