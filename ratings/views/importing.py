"""A list from elsewhere: sent, looked at, taken over, taken back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.etl.reports import Unreadable
from catalog.models import RunState
from ratings.gate import MemberRequest, PageRequest, guests_welcome, known_only, next_page
from ratings.importing.lists import anilist, previewing, running, undoing
from ratings.importing.lists.files import MOST_UPLOADED, TOO_LARGE
from ratings.models import Conflict, ListImport
from ratings.views import uploads
from ratings.views.import_pages import page_of, result_of

NO_FILE = "Choose a file first."
ENDED = "This preview has been answered already."


@csrf_exempt  # `_imports` is protected: the limit must stand before anything reads the form.
def imports(request: PageRequest) -> HttpResponse:
    uploads.bound(request)
    return _imports(request)


@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def _imports(request: PageRequest) -> HttpResponse:
    if request.method == "POST":
        return _upload(request)
    return render(request, "ratings/imports.html", _facts(request))


@guests_welcome
def _upload(request: MemberRequest) -> HttpResponse:
    """A new preview of the file, or the page again with the reason why there is none."""
    file = request.FILES.get("file")
    try:
        if uploads.was_too_large(request):
            return _refused(request, TOO_LARGE, status=413)
        if file is None:
            return _refused(request, NO_FILE)
        preview = previewing.preview_file(request.user, file, file.name or "")
    except Unreadable as reason:
        return _refused(request, str(reason))
    return redirect("ratings:import", preview.pk)


@require_POST
@guests_welcome
def from_anilist(request: MemberRequest) -> HttpResponse:
    try:
        preview = previewing.preview_anilist(request.user, request.POST.get("name", ""))
    except Unreadable as reason:
        return _refused(request, str(reason))
    return redirect("ratings:import", preview.pk)


def _refused(request: MemberRequest, reason: str, status: int = 400) -> HttpResponse:
    context = {**_facts(request), "problem": reason}
    return render(request, "ratings/imports.html", context, status=status)


def _facts(request: HttpRequest) -> dict[str, Any]:
    member = request.user
    earlier = member.imports.all() if member.is_authenticated else ListImport.objects.none()
    return {
        "earlier": list(earlier.order_by("-started_at", "-pk")),
        "most_bytes": MOST_UPLOADED,
        "asks_anilist": anilist.reachable() is not None,
        "days": previewing.PREVIEWS_KEPT.days,
    }


@require_safe
@never_cache
@known_only
def show(request: MemberRequest, pk: int) -> HttpResponse:
    """The preview, how far it is, or what came of it."""
    return render(request, "ratings/import.html", page_of(_own(request, pk), request))


@require_safe
@never_cache
@known_only
def progress(request: MemberRequest, pk: int) -> HttpResponse:
    run = _own(request, pk)
    if not request.htmx:
        return redirect("ratings:import", pk)
    shape = "_progress" if run.state == RunState.RUNNING else "_import_result"
    return render(request, f"ratings/{shape}.html", result_of(run))


@require_POST
@known_only
def choose(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Which title a doubtful line means."""
    run, chosen = _own(request, pk), request.POST.get("title", "")
    mal_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 11 else None
    if chosen not in ("", "none") and mal_id is None:
        raise Http404
    line = previewing.choose(run, number, mal_id)
    if line is None:
        raise Http404
    if request.htmx:
        return render(request, "ratings/_import_decided.html", result_of(run))
    return redirect(next_page(request, run.get_absolute_url()))


@require_POST
@known_only
def start(request: MemberRequest, pk: int) -> HttpResponse:
    run, conflict = _own(request, pk), request.POST.get("conflict", Conflict.THEIRS)
    if conflict not in Conflict.values:
        raise Http404
    if not running.enqueue(run, conflict):
        messages.warning(request, ENDED)
    return redirect("ratings:import", pk)


@require_POST
@known_only
def undo(request: MemberRequest, pk: int) -> HttpResponse:
    if not undoing.undo(_own(request, pk).pk):
        messages.warning(request, "There is nothing to undo.")
    return redirect("ratings:import", pk)


@require_POST
@known_only
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    run = _own(request, pk)
    if run.state == RunState.RUNNING and not running.is_silent(run):
        messages.warning(request, "It is being imported right now.")
        return redirect("ratings:import", pk)
    run.delete()
    messages.success(request, f"{run.subject}: deleted. Your list stays as it is.")
    return redirect("ratings:imports")


def _own(request: MemberRequest, pk: int) -> ListImport:
    return get_object_or_404(ListImport.objects.filter(user=request.user), pk=pk)
