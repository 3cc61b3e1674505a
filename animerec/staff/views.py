"""Pages of staff, and the fragments that refresh themselves while something runs."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from animerec.staff import imports as import_lines
from animerec.staff import numbers, system, training
from animerec.staff.gate import may, staff_only
from catalog.gaps import GAPS, counted_lately
from ratings import audit

WAITS = "A training waits or runs already."


@staff_only
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    context = {
        "numbers": numbers.totals_lately(),
        "going_on": numbers.going_on(),
        "charts": numbers.last_days(),
    }
    return render(request, "staff/numbers.html", context)


@staff_only
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    counts = counted_lately()
    context = {
        "titles": counts["titles"],
        "gaps": [(gap, counts[gap.slug]) for gap in GAPS.values()],
        "list": reverse("admin:catalog_anime_changelist")
        if may(request, "catalog.view_anime")
        else "",
    }
    return render(request, "staff/data.html", context)


@staff_only
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def trainings(request: HttpRequest) -> HttpResponse:
    runs = training.runs()
    context = {
        "runs": runs,
        "is_running": training.is_going_on(runs),
        "may_train": may(request, "recommender.add_trainingrun"),
        "rows": training.leaderboard(),
        "columns": training.COLUMNS,
        "at": training.AT_K,
    }
    return render(request, _page(request, "training"), context)


@staff_only
@require_POST
def train(request: HttpRequest) -> HttpResponse:
    if not may(request, "recommender.add_trainingrun"):
        raise PermissionDenied
    # The web process loads no training libraries before somebody trains.
    from recommender.training import enqueue, is_under_way

    if is_under_way():
        messages.warning(request, WAITS)
    else:
        run = enqueue()
        audit.note(request.user, run, "Asked for a training.")
        if run.error:
            messages.error(request, run.error)
        else:
            messages.success(request, "Training waits for the worker.")
    return redirect("staff-training")


@staff_only
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def imports(request: HttpRequest) -> HttpResponse:
    ours, theirs = import_lines.of_the_catalogue(), import_lines.of_lists()
    context = {
        "ours": ours,
        "theirs": theirs,
        "states": import_lines.states(),
        "weeks": import_lines.WEEKS,
        "is_running": import_lines.is_going_on([*ours, *theirs]),
    }
    return render(request, _page(request, "imports"), context)


@staff_only
@require_safe
def machine(request: HttpRequest) -> HttpResponse:
    context = {
        "groups": [
            ("Cache", system.cache_facts()),
            ("Queue", system.queue_facts()),
            ("Database", system.database_facts()),
            ("Disk", system.disk_facts()),
        ],
        "tables": system.tables(),
    }
    return render(request, "staff/system.html", context)


@staff_only
@require_safe
@vary_on_headers("HX-Request")
def workers(request: HttpRequest) -> HttpResponse:
    """Asked by the page once it is there: whoever waits for workers waits a second."""
    is_fragment = bool(request.headers.get("HX-Request"))
    template = "staff/_workers.html" if is_fragment else "staff/workers.html"
    return render(request, template, {"workers": system.workers()})


def _page(request: HttpRequest, name: str) -> str:
    """The page, or of it what refreshes itself."""
    is_fragment = request.headers.get("HX-Target") == f"staff-{name}"
    return f"staff/_{name}.html" if is_fragment else f"staff/{name}.html"
