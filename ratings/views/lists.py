"""A member's list: my own to edit, others' to read."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from ratings import audit, undoing
from ratings.bulk_form import CHOICES, Bulk
from ratings.gate import MemberRequest, guests_welcome, known_only, next_page
from ratings.list_csv import list_as_csv
from ratings.list_filter import ListFilter
from ratings.listing import Listing, entries_of
from ratings.models import User
from ratings.page_edits import save_page
from ratings.views.leaving import in_blocks

# So many titles are named in one message.
NAMED = 5


@require_safe
@never_cache
@vary_on_headers("HX-Target")
@guests_welcome
def my_list(request: MemberRequest) -> HttpResponse:
    shown = _list_of(request.user, request)
    titles = [entry.anime for entry in shown["listing"].page]
    context = {
        **shown,
        "is_own": True,
        "followed": request.user.followed_among(titles),
        "choices": CHOICES,
        "change": undoing.last_change(request.user),
    }
    return _shown(request, "ratings/my_list.html", context)


@require_safe
@vary_on_headers("HX-Target", "Cookie")
def member_list(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(User.objects.shown_to(request.user), pk=pk)
    audit.note_a_look(request.user, member)
    return _shown(request, "ratings/member_list.html", _list_of(member, request))


@require_safe
@never_cache
@known_only
def export(request: MemberRequest) -> HttpResponseBase:
    """What the filters of the address leave; all of the list without any."""
    asked = ListFilter(request.GET)
    found = asked.ordered(asked.found(entries_of(request.user)))
    name = f"animerec-{request.user.username}-{timezone.localdate()}.csv"
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    parts = in_blocks(list_as_csv(found))
    return StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@known_only
def save(request: MemberRequest) -> HttpResponse:
    saved = save_page(request.user, request.POST)
    if saved.changed:
        messages.success(request, f"Saved: {_names(saved.changed)}.")
    if saved.since:
        said = f"Changed since you opened the page, and left as it is: {_names(saved.since)}."
        messages.warning(request, said)
    for problem in saved.problems[:NAMED]:
        messages.error(request, problem)
    if not (saved.changed or saved.since or saved.problems):
        messages.success(request, "Nothing was changed.")
    return redirect(_back(request))


@require_POST
@known_only
def bulk(request: MemberRequest) -> HttpResponse:
    asked = Bulk.of(request.user, request.POST)
    if asked.problem:
        messages.error(request, asked.problem)
        return redirect(_back(request))
    if asked.asks_first or (asked.is_sure and asked.is_outdated):
        number = asked.entries.count()
        context = {"asked": asked, "number": number, "here": _back(request)}
        return render(request, "ratings/bulk.html", context)
    changed = asked.do()
    for sentence in asked.left_out:
        messages.warning(request, sentence)
    if not changed:
        messages.success(request, f"{asked.words}: nothing to change.")
    return redirect(_back(request))


@require_POST
@known_only
def undo(request: MemberRequest) -> HttpResponse:
    undone = undoing.undo(request.user)
    if undone is None:
        messages.warning(request, "There is nothing to undo.")
    else:
        titles = f"{undone.restored:,} title{'' if undone.restored == 1 else 's'}"
        messages.success(request, f"Undone: {titles} as before.")
    if undone and undone.left:
        said = f"{undone.left:,} changed since, and stayed as they are."
        messages.warning(request, said)
    return redirect(_back(request))


def _list_of(member: User, request: HttpRequest) -> dict[str, Any]:
    listing = Listing.of(member, request)
    here = f"{request.path}{listing.filter.address(page=listing.page.number)}"
    values = {"q": listing.filter.shown_value("q")}
    return {
        "values": values,
        "member": member,
        "listing": listing,
        "filter": listing.filter,
        "here": here,
    }


def _shown(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    is_part = request.headers.get("HX-Target") == "list"
    return render(request, "ratings/_list.html" if is_part else template, context)


def _back(request: HttpRequest) -> str:
    return next_page(request, resolve_url("ratings:my-list"))


def _names(titles: Iterable[str]) -> str:
    named = list(titles)
    more = len(named) - NAMED
    return ", ".join(named[:NAMED]) + (f" and {more} more" if more > 0 else "")
