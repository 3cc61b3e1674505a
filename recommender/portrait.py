"""Who a member is as a viewer, in a few sentences that their list bears out."""

from collections.abc import Sequence
from statistics import fmean, median_low, quantiles, stdev

from ratings.models import WatchStatus
from recommender.own_lines import OwnLine

# Fewer scores or ends say nothing of a habit.
ENOUGH = 5
# A mean lies this many standard errors from 0 by chance 1 time in 20.
SURE = 1.96
# Points by which somebody is called strict or kind, and much so.
SLIGHT, MUCH = 0.15, 0.75


def sentences(lines: Sequence[OwnLine]) -> list[str]:
    """None for an empty list; of each only what there is enough to say."""
    watched = [line for line in lines if line.is_watched]
    if not watched:
        return []
    found = [_seen(watched), _strictness(watched), _finishing(watched)]
    return [sentence for sentence in found if sentence]


def _seen(watched: Sequence[OwnLine]) -> str:
    number = f"{len(watched):,} title{'s' if len(watched) > 1 else ''}"
    years = sorted(line.first_year for line in watched if line.first_year)
    if len(years) < ENOUGH:
        return f"You have seen {number}."
    first, _, last = quantiles(years, n=4, method="inclusive")
    if round(first) == round(last):
        return f"You have seen {number}, half of them and more from {round(first)}."
    return (
        f"You have seen {number}, from {years[0]} to {years[-1]}; "
        f"the middle half of them is from {round(first)} to {round(last)}."
    )


def _strictness(watched: Sequence[OwnLine]) -> str:
    apart = [line.difference for line in watched if line.difference is not None]
    if len(apart) < ENOUGH:
        return ""
    mean, error = fmean(apart), stdev(apart) / len(apart) ** 0.5
    own = fmean(line.score for line in watched if line.score is not None)
    begun = f"Your scores are {own:.1f} on average"
    if abs(mean) < max(SLIGHT, SURE * error):
        return f"{begun}, about what others give the same titles."
    how = "much " if abs(mean) >= MUCH else ""
    word = "stricter" if mean < 0 else "kinder"
    side = "below" if mean < 0 else "above"
    return f"You are {how}{word} than others: {begun[0].lower()}{begun[1:]}, {abs(mean):.1f} {side} what they give the same titles."


def _finishing(watched: Sequence[OwnLine]) -> str:
    ended = [
        line for line in watched if line.status in (WatchStatus.COMPLETED, WatchStatus.DROPPED)
    ]
    if len(ended) < ENOUGH:
        return ""
    dropped = sum(line.status == WatchStatus.DROPPED for line in ended)
    if not dropped:
        return "You have dropped nothing of what you began and ended."
    percent = round(100 * dropped / len(ended))
    said = f"You drop {percent or 'less than 1'} % of what you end"
    far = [
        line.watched_episodes / line.episodes
        for line in ended
        if line.status == WatchStatus.DROPPED and line.watched_episodes and line.episodes
    ]
    if len(far) < ENOUGH:
        return f"{said}, and see the rest through."
    return (
        f"{said}, half of that before {round(100 * min(1.0, median_low(far)))} % of the episodes."
    )
