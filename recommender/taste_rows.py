"""Taste in words and bars: what the page of it shows."""

from dataclasses import dataclass

import numpy as np
from django.utils.text import slugify

from catalog.models import AnimeType
from recommender.belonging import Belonging
from recommender.engine.taste_reading import STRONGEST, Claim, Taste
from recommender.habits import Habits
from recommender.taste import Profile
from recommender.whereabouts import Picture

SAID, SHOWN = 8, 12
HEADINGS = {
    "genre": "Genres",
    "studio": "Studios",
    "era": "Eras",
    "length": "Lengths",
    "type": "Types",
}
# What stands in the portrait: so many of each, in this order.
LEAN = 2
LEANINGS = {
    ("watch", True): "More than others you watch",
    ("watch", False): "Less than others you watch",
    ("score", True): "Above the rest of your list you score",
    ("score", False): "Below the rest of your list you score",
}
TYPES = dict(AnimeType.choices)
# Long shelves and short ones in turn, so that two columns are of one height.
ORDER = ("genre", "era", "length", "studio", "type")
# A bar spans a point and a half of score to either side; its picture is so many units wide.
POINTS, HALF = 1.5, 100
STEPS = {
    -2: "Far less, by your word",
    -1: "Less, by your word",
    1: "More, by your word",
    2: "Far more, by your word",
}


@dataclass(frozen=True)
class Sentence:
    """`text` stands before and after `name`; `percent`: how sure."""

    before: str
    name: str
    after: str
    percent: str
    likes: bool


@dataclass(frozen=True)
class Leaning:
    """One kind of claim in the portrait: how it begins, and of what it is said, the surest first."""

    begins: str
    of: list[tuple[str, str]]  # name, and how much
    sure: float  # of the least sure of them


@dataclass(frozen=True)
class TraitRow:
    kind: str
    name: str
    label: str
    slug: str
    titles: int
    points: str
    low: str
    high: str
    clear: bool
    likes: bool
    often: str
    step: int
    said: str
    # The bar, in the units of its picture.
    left: int
    width: int
    middle: int

    @property
    def may_be_less(self) -> bool:
        return self.step > -STRONGEST

    @property
    def may_be_more(self) -> bool:
        return self.step < STRONGEST


@dataclass(frozen=True)
class Shelf:
    """The traits of one kind, `more` of them not shown."""

    kind: str
    heading: str
    rows: list[TraitRow]
    more: int


def sentences(profile: Profile) -> list[Sentence]:
    """What has been learned, the surest first."""
    if profile.taste is None:
        return []
    claims = (c for c in profile.taste.claims() if (c.kind, c.name) not in profile.hidden)
    return [sentence(claim) for _, claim in zip(range(SAID), claims, strict=False)]


def sentence(claim: Claim) -> Sentence:
    name, percent = spoken(claim.kind, claim.name), _percent(claim.certainty)
    likes = claim.direction > 0
    if claim.facet == "watch":
        after = f" {claim.strength:.1f} times as often as others do"
        return Sentence("You watch ", name, after, percent, likes)
    side = "above" if likes else "below"
    after = f" {claim.strength:.1f} {side} the rest of your list"
    return Sentence("You score ", name, after, percent, likes)


def leanings(profile: Profile) -> list[Leaning]:
    """For the portrait: what is watched and scored more and less, each by its surest few."""
    found: dict[tuple[str, bool], list[Claim]] = {key: [] for key in LEANINGS}
    for claim in profile.taste.claims() if profile.taste else ():
        own = found[claim.facet, claim.direction > 0]
        if (claim.kind, claim.name) not in profile.hidden and len(own) < LEAN:
            own.append(claim)
    return [_leaning(LEANINGS[key], own) for key, own in found.items() if own]


def _leaning(begins: str, claims: list[Claim]) -> Leaning:
    units = {"watch": "times", "score": "points"}
    of = [(spoken(c.kind, c.name), f"{c.strength:.1f} {units[c.facet]}") for c in claims]
    return Leaning(begins, of, min(claim.certainty for claim in claims))


def least_sure(found: list[Leaning]) -> str:
    """Per cent; empty where nothing is said."""
    return _percent(min(leaning.sure for leaning in found)) if found else ""


def _percent(certainty: float) -> str:
    return f"{min(99.9, np.floor(1000 * certainty) / 10):g}"


def spoken(kind: str, name: str) -> str:
    """As it stands in a sentence: 'Mecha', 'titles by Madhouse', 'titles of 1 to 3 hours'."""
    if kind == "studio":
        return f"titles by {name}"
    if kind == "length":
        return f"titles of {name.lower()}"
    if kind == "era":
        return f"the {name}" if name[0].isdigit() else f"titles from {name.lower()}"
    return f"{label_of(kind, name)} titles" if kind == "type" else name


def label_of(kind: str, name: str) -> str:
    return str(TYPES.get(name, name)) if kind == "type" else name


def shelves(profile: Profile, whole: str = "") -> list[Shelf]:
    """Of each kind the traits with most titles, and all that were corrected; all of kind `whole`."""
    taste = profile.taste
    if taste is None:
        return []
    found = []
    for kind in ORDER:
        places = [n for n in _known(taste, kind) if taste.names[n] not in profile.hidden]
        places.sort(key=lambda n: (-int(taste.titles[n]), taste.names[n]))
        kept = [n for place, n in enumerate(places) if kind == whole or _early(place, n, taste)]
        if kept:
            rows = [_row(taste, n) for n in kept]
            found.append(Shelf(kind, HEADINGS[kind], rows, len(places) - len(kept)))
    return found


def _known(taste: Taste, kind: str) -> list[int]:
    """Traits of `kind` that are on the list or were corrected."""
    known = (taste.titles > 0) | (taste.steps != 0)
    return [n for n, (own, _) in enumerate(taste.names) if own == kind and known[n]]


def _early(place: int, n: int, taste: Taste) -> bool:
    return place < SHOWN or taste.steps[n] != 0


def _row(taste: Taste, n: int) -> TraitRow:
    kind, name = taste.names[n]
    low, high, mean = float(taste.low[n]), float(taste.high[n]), float(taste.mean[n])
    left, right, middle = (_unit(value) for value in (low, high, mean))
    step = int(taste.steps[n])
    return TraitRow(
        kind=kind,
        name=name,
        label=label_of(kind, name),
        slug=f"{kind}-{slugify(name, allow_unicode=True)}-{n}",
        titles=int(taste.titles[n]),
        points=_signed(mean),
        low=_signed(low),
        high=_signed(high),
        clear=bool(taste.clear_scores[n]),
        likes=mean > 0,
        often=f"{float(taste.lift[n]):.1f}",
        step=step,
        said=STEPS.get(step, ""),
        left=left,
        width=max(2, right - left),
        middle=middle,
    )


def _unit(points: float) -> int:
    return round(HALF + HALF * max(-1.0, min(1.0, points / POINTS)))


def _signed(points: float) -> str:
    """'+0.8', '−0.8' or '0.0'."""
    text = f"{abs(points):.1f}"
    sign = "" if text == "0.0" else "+" if points > 0 else "−"
    return sign + text


def named(where: Picture | None, habits: Habits, group: Belonging | None) -> set[int]:
    """Ids of all titles that the page names, so that they can be read at once."""
    ids = {line.anime_id for line in (*habits.above, *habits.below)}
    if where is not None:
        ids |= {*where.near, *where.far}
    return ids | ({*group.emblems, *group.unseen} if group is not None else set())
