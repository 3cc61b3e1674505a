"""One line of my list with all that a row has no room for."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ratings.entry_form import EntryForm
from ratings.gate import MemberRequest, known_only, next_page
from ratings.listing import entries_of


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@known_only
def show(request: MemberRequest, mal_id: int) -> HttpResponse:
    entry = get_object_or_404(entries_of(request.user).for_list_page(), anime__mal_id=mal_id)
    here = next_page(request, resolve_url("ratings:my-list"))
    form = EntryForm(entry, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save(request.user, entry)
        messages.success(request, f"{entry.anime.display_title}: saved.")
        return redirect(here)
    context = {"entry": entry, "anime": entry.anime, "form": form, "here": here}
    status = 400 if request.method == "POST" else 200
    return render(request, "ratings/list_entry.html", context, status=status)
