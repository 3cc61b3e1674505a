"""Whether the numbers of experiments can be trusted: thousands of simulated ones. `python benchmarks/experiments.py`

Needs no database. All of it is simulated, from one seed: members who come evenly over DAYS, and what they do.
Nothing to find (A/A), looked at every day: how often something is found all the same, by the sequential test and
by the usual one. Something to find (A/B): how often it is found with as many members as the calculator asked for.
Intervals: how often they hold the truth. Assignment: whether a million members get their shares, and what it costs.
Writes results/experiments.json.
"""

import json
import platform
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
from scipy.stats import chisquare, norm

from recommender.engine.experiments import estimates, sequential
from recommender.engine.experiments.assignment import chosen, place_of
from recommender.engine.experiments.moments import Moments
from recommender.engine.experiments.power import Plan, members_at_once, members_looked_at

RESULT = Path(__file__).parent / "results" / "experiments.json"
SEED, DAYS, EXPERIMENTS, ALPHA = 20261127, 28, 1000, 0.05
INTERVALS, MILLION = 4000, 1_000_000
SALTS = ("spring", "summer", "autumn", "winter", "monsoon")
Drawn = Callable[[np.random.Generator, int, int], np.ndarray]


def main() -> None:
    rng = np.random.default_rng(SEED)
    told = {
        "nothing to find": {
            **{name: false_alarms(rng, *case) for name, case in NOTHING.items()},
            "a rate of 0.3 that takes a week, 200 a day": alarms(
                (slow(rng, np.repeat(np.arange(DAYS), 200), 0.3) for _ in range(EXPERIMENTS)), 0.03
            ),
            "a rate of 0.3 that takes a week, 2,000 on the first day": alarms(
                (slow(rng, np.zeros(2000, int), 0.3) for _ in range(EXPERIMENTS)), 0.03
            ),
        },
        "something to find": {
            f"{base:g} and 5 % more": power(rng, base) for base in (0.1, 0.3, 0.6)
        },
        "intervals": intervals(rng),
        "assignment": assignment(),
        "machine": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "seed": SEED,
            "days": DAYS,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    }
    RESULT.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


# --- nothing to find


def rates(rate: float) -> Drawn:
    return lambda rng, rows, n: rng.binomial(1, rate, (rows, n))


def counts(rng: np.random.Generator, rows: int, n: int) -> np.ndarray:
    """How many titles a member takes up: most none, a few very many."""
    return rng.poisson(rng.gamma(0.3, 5.0, (rows, n)))


# What is drawn for a member, how many members of a variant come each day, and the τ of the test.
NOTHING: dict[str, tuple[Drawn, int, float]] = {
    "a rate of 0.3, 200 a day": (rates(0.3), 200, 0.03),
    "a rate of 0.02, 200 a day": (rates(0.02), 200, 0.005),
    "a rate of 0.3, 2 a day": (rates(0.3), 2, 0.15),
    "a skewed count, 200 a day": (counts, 200, 0.15),
}


def false_alarms(
    rng: np.random.Generator, drawn: Drawn, a_day: int, tau: float
) -> dict[str, float]:
    members = a_day * np.arange(1, DAYS + 1)
    played = (
        (days_of(*(drawn(rng, DAYS, a_day) for _ in range(2))), members) for _ in range(EXPERIMENTS)
    )
    return alarms(played, tau)


def alarms(
    played: Iterable[tuple[tuple[np.ndarray, np.ndarray], np.ndarray]], tau: float
) -> dict[str, float]:
    """Of experiments, ((difference, squared error) after each day, members of a variant), how many find something."""
    found, number = {"sequential": 0, "naive": 0}, 0
    for (value, variance), members in played:
        seen = (variance > 0) & (members >= sequential.LEAST)
        value, variance = value[seen], variance[seen]
        crossed = sequential.log_ratio(value, variance, tau) >= -np.log(ALPHA)
        found["sequential"] += bool(crossed.any())
        naive = np.abs(value) > norm.ppf(1 - ALPHA / 2) * np.sqrt(variance)
        found["naive"] += bool(naive.any())
        number += 1
    return {name: alarmed / number for name, alarmed in found.items()}


def slow(
    rng: np.random.Generator, joined: np.ndarray, rate: float
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Members do it days after they came, a seventh of those left each day: what a report sees of them."""
    days = np.arange(DAYS)
    there = np.bincount(joined, minlength=DAYS).cumsum()
    rates = []
    for _ in range(2):
        does = rng.random(len(joined)) < rate
        when = joined + rng.geometric(1 / 7, len(joined)) - 1
        done = np.bincount(when[does & (when < DAYS)], minlength=DAYS).cumsum()
        rates.append(done[days] / there)
    a, b = rates
    return (b - a, (a * (1 - a) + b * (1 - b)) / (there - 1)), there


def days_of(control: np.ndarray, treatment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The difference of means and its squared error after each day."""
    parts = []
    for own in (control, treatment):
        n = own.shape[1] * np.arange(1, len(own) + 1)
        mean = own.sum(axis=1).cumsum() / n
        spread = ((own.astype(float) ** 2).sum(axis=1).cumsum() / n - mean**2) * n / (n - 1)
        parts.append((mean, spread / n))
    (a, va), (b, vb) = parts
    return b - a, va + vb


# --- something to find


def power(rng: np.random.Generator, base: float) -> dict[str, Any]:
    """Of experiments in which 5 % more members of one variant do it, with the members asked for."""
    plan = Plan.of_rates(base, 0.05)
    told: dict[str, Any] = {"promised": 0.8}
    for name, members in (
        ("one look", members_at_once(plan)),
        ("a look every day", members_looked_at(plan, DAYS)),
    ):
        a_day = -(-members // (2 * DAYS))
        n = a_day * np.arange(1, DAYS + 1)
        rows = [
            rng.binomial(a_day, rate, (EXPERIMENTS * 4, DAYS)).cumsum(axis=1) / n
            for rate in (base, base * 1.05)
        ]
        value = rows[1] - rows[0]
        variance = sum(rate * (1 - rate) for rate in rows) / (n - 1)
        if name == "one look":
            z = np.abs(value[:, -1]) / np.sqrt(variance[:, -1])
            found = z > norm.ppf(1 - ALPHA / 2)
        else:
            found = (sequential.log_ratio(value, variance, plan.effect) >= -np.log(ALPHA)).any(
                axis=1
            )
            days = 1 + (
                sequential.log_ratio(value, variance, plan.effect) >= -np.log(ALPHA)
            ).argmax(axis=1)
            told["ended on day, median of those found"] = float(np.median(days[found]))
        told[name] = {"members": members, "found": float(found.mean())}
    return told


# --- intervals


def intervals(rng: np.random.Generator) -> dict[str, float]:
    """How often 95 % intervals hold the truth; 400 members a variant."""
    held = dict.fromkeys(("rate", "skewed count", "ratio", "count, CUPED", "lift of a rate"), 0)
    for _ in range(INTERVALS):
        for name, (found, truth) in one_of_each(rng).items():
            held[name] += found.low <= truth <= found.high
    return {name: number / INTERVALS for name, number in held.items()}


def one_of_each(rng: np.random.Generator) -> dict[str, tuple[estimates.Estimate, float]]:
    n = 400
    rate = [Moments.of(rng.binomial(1, p, n)) for p in (0.3, 0.36)]
    habit = [rng.gamma(1.0, 4.0, n) for _ in range(2)]
    before = [rng.poisson(own) for own in habit]
    after = [rng.poisson(own * more) for own, more in zip(habit, (1.0, 1.1), strict=True)]
    shown = [rng.integers(5, 60, n) for _ in range(2)]
    taken = [
        rng.binomial(own, rng.beta(2 * k, 18, n)) for own, k in zip(shown, (1.0, 1.2), strict=True)
    ]
    both = [Moments.of(y, x) for y, x in zip(taken, shown, strict=True)]
    known = [Moments.of(y, x) for y, x in zip(after, before, strict=True)]
    found, means = estimates, [estimates.mean(one) for one in rate]
    return {
        "rate": (found.difference(*means), 0.06),
        "skewed count": (found.difference(*(found.mean(one) for one in known)), 0.4),
        "ratio": (found.difference(*(found.ratio(one) for one in both)), 2.4 / 20.4 - 2 / 20),
        "count, CUPED": (found.difference(*found.adjusted(known)), 0.4),
        "lift of a rate": (found.lift(*means), 0.2),
    }


# --- assignment


def assignment() -> dict[str, Any]:
    shares = (0.5, 0.3, 0.2)
    told: dict[str, Any] = {"members": MILLION, "chi-square p": {}}
    for salt in SALTS:
        where = [chosen(place_of(salt, str(member)), shares) for member in range(MILLION)]
        seen = np.bincount(where)
        told["chi-square p"][salt] = float(chisquare(seen, np.array(shares) * MILLION).pvalue)
    began = time.perf_counter()
    for member in range(MILLION):
        chosen(place_of("cost", str(member)), shares)
    told["microseconds each"] = (time.perf_counter() - began) / MILLION * 1e6
    return told


if __name__ == "__main__":
    main()
