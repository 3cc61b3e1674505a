"""What a report says, in sentences for who is no statistician."""

from collections.abc import Iterator

from recommender.experiments.analysing import Compared, Preference, Report, days_run
from recommender.experiments.bandits import Bandit
from recommender.models import ExperimentState, Metric


def sentences(report: Report) -> list[str]:
    return list(_sentences(report))


def _sentences(report: Report) -> Iterator[str]:
    whole = sum(report.members)
    if not whole:
        yield "Nobody was shown anything yet."
        return
    if report.preference:
        yield _preferred(report, report.preference)
        return
    if report.is_mismatch:
        told = ", ".join(
            f"{number:,} of {variant.name}"
            for number, variant in zip(report.members, report.variants, strict=True)
        )
        yield (
            f"Do not trust what follows: the variants do not have the members that they should have ({told}). "
            "Something loses members of one of them."
        )
    if report.bandit:
        yield from _of_a_bandit(report, report.bandit)
        return
    if report.mixed:
        yield f"{report.mixed:,} members were shown two variants and are left out."
    for one in report.primary:
        yield _primary(one)
    if not report.primary:
        yield "There are too few members to compare."
    for one in report.broken:
        label = Metric(one.metric).label
        yield f"A guardrail is broken: of {one.variant.name}, {_points(one)} members {label}."
    if not any(one.is_found for one in report.primary):
        yield from _how_much_is_missing(report, whole)


def _preferred(report: Report, told: Preference) -> str:
    first, second = (variant.name for variant in report.variants)
    if told.second > told.first:
        first, second = second, first
    more, fewer = max(told.first, told.second), min(told.first, told.second)
    counted = f"took up more of {{}} titles, {fewer:,} more of {second}'s, {told.neither:,} as many of both."
    if told.is_found:
        counted = counted.format("its")
        return f"Members prefer {first}: {more:,} of them {counted} That is no chance, whenever you look."
    own = f"{first}'s"
    return f"{more:,} members {counted.format(own)} That may be chance."


def _of_a_bandit(report: Report, told: Bandit) -> Iterator[str]:
    best = max(range(len(report.variants)), key=lambda place: told.chances[place])
    name, share = report.variants[best].name, told.epochs[-1].shares[best]
    yield (
        f"{name} is the best of them with a chance of {told.chances[best]:.0%}, and gets {share:.0%} of the "
        f"members in epoch {len(told.epochs)}."
    )
    for variant, estimate in told.differences:
        yield (
            f"Compared within each epoch, {variant.name} differs from {report.variants[0].name} by "
            f"{100 * estimate.low:+.1f} to {100 * estimate.high:+.1f} points, looked at once."
        )


def _primary(one: Compared) -> str:
    label = Metric(one.metric).label
    rates = (
        f"{one.treatment.value:.1%} of its members {label}, {one.control.value:.1%} of the others"
    )
    if not one.is_found or one.look is None:
        return f"{one.variant.name}: {rates}. That may be chance."
    better = "better" if one.is_better else "worse"
    look = one.look
    return (
        f"{one.variant.name} is {better}: {rates}. The difference lies between {100 * look.low:+.1f} "
        f"and {100 * look.high:+.1f} points, whenever you look."
    )


def _points(one: Compared) -> str:
    return (
        f"{abs(one.at_once.value) * 100:.1f} points {'more' if one.at_once.value > 0 else 'fewer'}"
    )


def _how_much_is_missing(report: Report, whole: int) -> Iterator[str]:
    experiment = report.experiment
    if experiment.members_needed is None:
        return
    if whole < experiment.members_needed:
        sentence = (
            f"It was planned for {experiment.members_needed:,} members and has {whole:,}, "
            f"after {days_run(experiment)} of {experiment.days} days."
        )
        if experiment.state == ExperimentState.RUNNING:
            sentence += " Let it run."
        yield sentence
    else:
        yield (
            f"It has the {experiment.members_needed:,} members it was planned for: a change of "
            f"{experiment.wanted_lift:.0%} would most likely have been found."
        )
