"""Pages of experiments: all of them, one with what came of it, and the buttons that move it on."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from animerec.staff.gate import may, staff_only
from catalog.charts import Cell, Chart, layout, line
from ratings import audit
from recommender.engine.experiments.estimates import Estimate
from recommender.experiments import states, telling, watching
from recommender.experiments.analysing import Compared, Report
from recommender.experiments.bandits import EpochTold
from recommender.experiments.reading import sentences
from recommender.models import Experiment, Metric

MAY_MOVE = "recommender.change_experiment"
LONGEST = 2000
LEAST_P = 0.001


@staff_only
@require_safe
def experiments(request: HttpRequest) -> HttpResponse:
    rows = Experiment.objects.select_related("layer", "winner").prefetch_related("variants")
    context = {"rows": rows[:100], "may_add": may(request, "recommender.add_experiment")}
    return render(request, "staff/experiments.html", context)


@staff_only
@require_safe
def experiment(request: HttpRequest, name: str) -> HttpResponse:
    found = get_object_or_404(Experiment.objects.select_related("layer", "winner"), name=name)
    variants = list(found.variants.select_related("model"))
    context: dict[str, Any] = {
        "experiment": found,
        "variants": variants,
        "members": [(variant, None) for variant in variants],
        "changes": found.changes.all(),
        "may_move": may(request, MAY_MOVE),
        "problem": states.why_not(found, variants) if found.is_draft else "",
    }
    if not found.is_draft:
        context |= _came_of(found)
    return render(request, "staff/experiment.html", context)


@staff_only
@require_POST
def move(request: HttpRequest, name: str, verb: str) -> HttpResponse:
    if not may(request, MAY_MOVE):
        raise PermissionDenied
    found = get_object_or_404(Experiment, name=name)
    # PostgreSQL takes no NUL.
    said = request.POST.get("said", "").replace("\0", "")[:LONGEST]
    try:
        _move(found, verb, request, said)
    except states.MayNotMove as problem:
        messages.error(request, str(problem))
    else:
        audit.note(request.user, found, f"Experiment: {verb}.")
    return redirect("staff-experiment", name=name)


def _move(found: Experiment, verb: str, request: HttpRequest, said: str) -> None:
    by = request.user.get_username()
    if verb == "start":
        states.start(found, by=by, said=said)
    elif verb == "stop":
        states.stop(found, by=by, said=said)
    elif verb == "decide":
        name = request.POST.get("winner", "")
        winner = next((one for one in found.variants.all() if one.name == name), None)
        if name and winner is None:
            raise Http404
        states.decide(found, by=by, winner=winner, said=said)
    else:
        raise Http404


def _came_of(found: Experiment) -> dict[str, Any]:
    """Counted anew while it runs, so that the page and the command tell the same."""
    report = watching.report_now(found)
    return {
        "report": report,
        "says": sentences(report),
        "members": list(zip(report.variants, report.members, strict=True)),
        "epochs": [_epoch(one) for one in report.bandit.epochs] if report.bandit else [],
        "rows": [_row(one) for one in (*report.primary, *report.guardrails)],
        "without_chance": [
            f"{one.variant.name}, {telling.without_chance(one)}." for one in report.without_chance
        ],
        "per_title": [(one.name, _points(told)) for one, told in report.per_title],
        "segments": [
            (one.name, one.variant.name, _points(one.estimate), _p(one.p))
            for one in report.segments
        ],
        "charts": [
            _chart(report, one, place) for place, one in enumerate(report.primary) if one.days
        ],
    }


def _row(one: Compared) -> dict[str, str]:
    """Rates in percent, differences in points."""
    look = one.look
    return {
        "metric": Metric(one.metric).label,
        "variant": one.variant.name,
        "control": f"{one.control.value:.1%}",
        "treatment": f"{one.treatment.value:.1%}",
        "at_once": _points(one.at_once),
        "known": _points(one.known),
        "any_time": f"{100 * look.low:+.1f} to {100 * look.high:+.1f}"
        if look
        else "too few members",
        "p": _p(one.p),
    }


def _epoch(one: EpochTold) -> dict[str, Any]:
    """Of each variant its share, and how many of its members did it."""
    columns = zip(one.shares, one.members, one.did, strict=True)
    cells = [f"{share:.0%}: {did:,} of {members:,}" for share, members, did in columns]
    return {"number": one.number + 1, "began_at": one.began_at, "cells": cells}


def _points(told: Estimate) -> str:
    return f"{100 * told.value:+.1f} ({100 * told.low:+.1f} to {100 * told.high:+.1f})"


def _p(p: float) -> str:
    return f"{p:.3f}" if p >= LEAST_P else f"under {LEAST_P}"


def _chart(report: Report, one: Compared, place: int) -> Chart:
    """The difference after each day, in points, between the ends of its interval."""
    days = [day.day + 1 for day in one.days]
    low, value, high = (
        [round(100 * getattr(day.look, name), 2) for day in one.days]
        for name in ("low", "value", "high")
    )
    figure = layout(x="Day", y="Points", showlegend=False, hovermode="x unified")
    edge = {"width": 0, "color": "@series-1"}
    data = [
        {**line(days, high, name="at most"), "line": edge},
        {**line(days, low, name="at least"), "line": edge, "fill": "tonexty"},
        # One day alone makes no line.
        {**line(days, value, name="difference", color="@series-1"), "mode": "lines+markers"},
        line([days[0], days[-1]], [0, 0], name="none", color="@muted"),
    ]
    rows: list[list[Cell]] = [
        [day, known.members, f"{v:+.2f}", f"{a:+.2f}", f"{b:+.2f}", f"{known.look.p:.4f}"]
        for day, known, v, a, b in zip(days, one.days, value, low, high, strict=True)
    ]
    return Chart(
        id=f"difference-{place}",
        finding=f"{one.variant.name}: {100 * one.days[-1].look.value:+.1f} points by day {days[-1]}.",
        figure={"data": data, "layout": figure},
        columns=["Day", "Members", "Difference", "At least", "At most", "p"],
        rows=rows[::-1],
        note=f"Of 100 members, how many more {Metric(one.metric).label} than of the others; "
        "the band may be looked at every day.",
        height=260,
    )
