"""A report as text and as JSON."""

import json
from collections.abc import Iterator
from typing import Any

from recommender.engine.experiments.estimates import Estimate
from recommender.experiments.analysing import Compared, Report
from recommender.experiments.reading import sentences
from recommender.experiments.without_chance import WithoutChance


def as_text(report: Report) -> str:
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    experiment = report.experiment
    yield f"{experiment.name} ({experiment.get_state_display().lower()}): {experiment.hypothesis}"
    yield ""
    yield from sentences(report)
    yield ""
    for variant, number in zip(report.variants, report.members, strict=True):
        yield f"{variant.name:24} {number:>9,} members, share {variant.share:.0%}"
    if sum(report.members):
        yield f"{'shares':24} p {report.shares_p:.3f} for one look"
    for title, rows in (("", report.primary), ("Guardrails", report.guardrails)):
        if rows:
            yield ""
            yield f"{title or experiment.get_metric_display()}, in points of 100 members"
        for one in rows:
            yield from _compared(one)
    for variant, estimate in report.per_title:
        yield f"{variant.name:24} for each title shown {_interval(estimate)}"
    for told in report.without_chance:
        yield f"{told.variant.name:24} {without_chance(told)}"
    for part in report.segments:
        yield f"{part.variant.name:24} {part.name}: {_interval(part.estimate)}, p {part.p:.3f} of many"


def _compared(one: Compared) -> Iterator[str]:
    name = f"{one.variant.name} {one.metric}"
    yield f"{name:24} {one.control.value:.2%} -> {one.treatment.value:.2%}"
    yield f"{'':24} one look     {_interval(one.at_once)}, p {one.at_once.p:.4f}"
    yield f"{'':24} with before  {_interval(one.known)}, p {one.known.p:.4f}"
    if look := one.look:
        yield (
            f"{'':24} any time     {100 * look.value:+.2f} ({100 * look.low:+.2f} to "
            f"{100 * look.high:+.2f}), p {one.p:.4f}"
        )


def _interval(estimate: Estimate) -> str:
    low, high = 100 * estimate.low, 100 * estimate.high
    return f"{100 * estimate.value:+.2f} ({low:+.2f} to {high:+.2f})"


def without_chance(one: WithoutChance) -> str:
    """A sentence, in titles of 100."""
    snips = one.estimate.snips
    far = 196 * snips.variance**0.5
    return (
        f"without chance {100 * snips.value:.2f} of 100 titles shown would have been taken up "
        f"({100 * snips.value - far:.2f} to {100 * snips.value + far:.2f}, SNIPS; IPS {100 * one.estimate.ips.value:.2f}), "
        f"with it {100 * one.seen:.2f} were"
    )


def as_json(report: Report) -> str:
    return json.dumps(as_dict(report), indent=1)


def as_dict(report: Report) -> dict[str, Any]:
    experiment = report.experiment
    return {
        "name": experiment.name,
        "state": experiment.state,
        "says": sentences(report),
        "members_needed": experiment.members_needed,
        "left_out": report.mixed,
        "preference": vars(report.preference) if report.preference else None,
        "without_chance": [
            {
                "variant": one.variant.name,
                "seen": one.seen,
                "ips": one.estimate.ips.value,
                "snips": one.estimate.snips.value,
                "snips_error": float(one.estimate.snips.variance**0.5),
                "effective": one.estimate.effective,
            }
            for one in report.without_chance
        ],
        "bandit": _bandit(report) if report.bandit else None,
        "shares": {"p": report.shares_p, "is_mismatch": report.is_mismatch},
        "variants": [
            {"name": variant.name, "share": variant.share, "members": number}
            for variant, number in zip(report.variants, report.members, strict=True)
        ],
        "primary": [_told(one) for one in report.primary],
        "guardrails": [_told(one) for one in report.guardrails],
        "per_title": [
            {"variant": variant.name, **_estimate(estimate)}
            for variant, estimate in report.per_title
        ],
        "segments": [
            {
                "name": part.name,
                "variant": part.variant.name,
                **_estimate(part.estimate),
                "p": part.p,
            }
            for part in report.segments
        ],
    }


def _told(one: Compared) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "variant": one.variant.name,
        "control": one.control.value,
        "treatment": one.treatment.value,
        "one_look": _estimate(one.at_once),
        "with_before": _estimate(one.known),
        "any_time": [
            {"day": day.day, "members": day.members, **vars(day.look)} for day in one.days
        ],
        "p": one.p,
        "is_found": one.is_found,
        "is_better": one.is_better,
    }


def _estimate(estimate: Estimate) -> dict[str, float]:
    names = ("value", "low", "high", "p")
    return {name: getattr(estimate, name) for name in names}


def _bandit(report: Report) -> dict[str, Any]:
    told = report.bandit
    assert told  # noqa: S101 - asked for only where there is one
    return {
        "chances_of_best": dict(
            zip([one.name for one in report.variants], told.chances, strict=True)
        ),
        "epochs": [vars(epoch) | {"began_at": epoch.began_at.isoformat()} for epoch in told.epochs],
        "differences": [
            {"variant": variant.name, **_estimate(estimate)}
            for variant, estimate in told.differences
        ],
    }
