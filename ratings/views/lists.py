"""A member's list: my own to edit, others' to read."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ratings.forms import ListForm
from ratings.gate import MemberRequest, guests_welcome
from ratings.models import User, UserAnimeRating, WatchStatus

PAGE_SIZE = 100


@require_safe
@never_cache
@guests_welcome
def my_list(request: MemberRequest) -> HttpResponse:
    return render(request, "ratings/my_list.html", _list_of(request.user, request, is_own=True))


@require_safe
def member_list(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(User.objects.shown_to(request.user), pk=pk)
    return render(request, "ratings/member_list.html", _list_of(member, request, is_own=False))


def _list_of(member: User, request: HttpRequest, *, is_own: bool) -> dict[str, Any]:
    status, sort = ListForm(request.GET).chosen
    shown = UserAnimeRating.objects.filter(user=member).of_visible_titles()
    numbers = shown.numbers_by_status()
    entries = getattr(shown.with_status(status).for_list_page(), ListForm.ORDERS[sort])()
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    titles = [entry.anime for entry in page]
    return {
        "followed": member.followed_among(titles) if is_own else set(),
        "member": member,
        "is_own": is_own,
        "page": page,
        "status": status,
        "sort": sort,
        "total": sum(numbers.values()),
        "tabs": [(value, label, numbers.get(value, 0)) for value, label in WatchStatus.choices],
        "statuses": WatchStatus.choices,
        "scores": range(1, 11),
        "here": request.get_full_path(),
    }
