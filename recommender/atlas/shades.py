"""What titles are coloured and narrowed by: a few kinds of each, in a fixed order."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from recommender.engine.clustering import Group


@dataclass(frozen=True)
class Shade:
    """One entry of a legend. `key`: in addresses. `dot`: the class of its colour, in atlas.css."""

    key: str
    name: str
    dot: str
    note: str = ""


# A title is of the first of these that it has: the telling ones stand first.
GENRES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("sports", "Sports and music", ("Sports", "Team Sports", "Combat Sports", "Racing", "Music", "Idols (Female)", "Idols (Male)", "Performing Arts", "Showbiz")),
    ("sci-fi", "Sci-Fi and mecha", ("Mecha", "Space", "Sci-Fi", "Time Travel")),
    ("dark", "Mystery and horror", ("Horror", "Mystery", "Suspense", "Detective", "Psychological", "Vampire", "Gore", "Survival")),
    ("romance", "Romance", ("Romance", "Boys Love", "Girls Love", "Harem", "Reverse Harem", "Love Polygon", "Romantic Subtext")),
    ("fantasy", "Fantasy", ("Fantasy", "Supernatural", "Isekai", "Mythology", "Mahou Shoujo", "Urban Fantasy", "Reincarnation")),
    ("life", "Slice of life", ("Slice of Life", "Iyashikei", "CGDCT", "Gourmet", "School", "Childcare", "Pets", "Workplace")),
    ("action", "Action and adventure", ("Action", "Adventure", "Martial Arts", "Samurai", "Military", "Super Power", "Delinquents", "Organized Crime")),
    ("comedy", "Comedy", ("Comedy", "Gag Humor", "Parody")),
)  # fmt: skip
PRIORITY = {name: place for place, (_, _, names) in enumerate(GENRES) for name in names}
OTHER_GENRE = len(GENRES)

FIRST_DECADE, LAST_DECADE = 1970, 2020
UNKNOWN_ERA = (LAST_DECADE - FIRST_DECADE) // 10 + 1

KINDS = (
    ("tv", "TV", ("tv",)),
    ("movie", "Movie", ("movie",)),
    ("ova", "OVA", ("ova",)),
    ("ona", "ONA", ("ona",)),
    ("special", "Special", ("special", "tv_special")),
    ("music", "Music", ("music",)),
)
KIND_OF = {name: place for place, (_, _, names) in enumerate(KINDS) for name in names}
OTHER_KIND = len(KINDS)

# From which predicted score on; what is lower belongs to the first.
BANDS = (0, 6, 7, 8, 8.5, 9)
NOT_PREDICTED = len(BANDS)

NO_GROUP_NOTE = "On too few lists to tell"


def genre_shades() -> list[Shade]:
    named = [Shade(key, name, f"dot--{place + 1}") for place, (key, name, _) in enumerate(GENRES)]
    return [*named, Shade("other", "Other genres", "dot--none")]


def era_shades() -> list[Shade]:
    decades = range(FIRST_DECADE + 10, LAST_DECADE + 1, 10)
    first = Shade("before-1980", "Before 1980", "dot--ramp-1")
    named = [Shade(f"{year}s", f"{year}s", f"dot--ramp-{n}") for n, year in enumerate(decades, 2)]
    return [first, *named, Shade("unknown", "Year unknown", "dot--none")]


def kind_shades() -> list[Shade]:
    named = [Shade(key, name, f"dot--{place + 1}") for place, (key, name, _) in enumerate(KINDS)]
    return [*named, Shade("other", "Other types", "dot--none")]


def group_shades(groups: Sequence[Group]) -> list[Shade]:
    """Who watches it most; a label stays with its group from one training to the next."""
    named = [
        Shade(str(group.label), group.name, f"dot--{place + 1}", f"{group.percent} % of members")
        for place, group in enumerate(groups)
    ]
    return [*named, Shade("none", "No group", "dot--none", NO_GROUP_NOTE)] if named else []


def score_shades() -> list[Shade]:
    between = [f"{low} to {high}" for low, high in pairwise(BANDS[1:])]
    names = [f"Below {BANDS[1]}", *between, f"{BANDS[-1]} and more"]
    named = [
        Shade(str(low), name, f"dot--ramp-{n}")
        for n, (low, name) in enumerate(zip(BANDS, names, strict=True), 1)
    ]
    return [*named, Shade("none", "Not predicted", "dot--none")]
