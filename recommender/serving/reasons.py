"""Why a title is recommended: a score taken apart, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np

from catalog import held
from catalog.models import Anime
from catalog.querysets import shown_name
from recommender.engine.base import Attribution
from recommender.engine.interactions import MemberList
from recommender.favourites import FAVOURITE, LIKE_MINDED
from recommender.impressions import PASSED_OVER

CAUSES_SHOWN = 3
# A reason names what was liked: this score or a better one, or none at all.
LIKED = 7
POPULAR = "Popular with members"
# Where even that is not to count.
NOTHING_SPECIAL = "No single reason stands out"
# What a named feature says for a title, and what it says against one.
FEATURES = {
    "popularity": (POPULAR, "Known to few members"),
    "quality": ("Rated highly by members", "Rated low by members"),
    "era": ("From years you watch", "Not from years you watch"),
    "series": ("Continues something on your list", "Belongs to no series on your list"),
    "content": ("Close in story and genre", "Unlike your titles in story and genre"),
    "length": ("As long as what you watch", "Not as long as what you watch"),
    "kind": ("The kind you watch", "Not the kind you watch"),
    "list": ("Suits a list like yours", "Rarely suits a list like yours"),
    LIKE_MINDED: (
        "Watched by members who like your genres",
        "Seldom watched by members who like your genres",
    ),
    PASSED_OVER: ("", "Shown to you again and again, and passed over"),
    "taste": ("Fits your list as a whole", "Does not fit your list as a whole"),
}
# What a feature is called where neither is meant.
NAMED = {
    "popularity": "How well known it is",
    "quality": "How members rate it",
    "era": "The years it is from",
    "series": "Its series",
    "content": "Story and genre",
    "length": "Its length",
    "kind": "Its kind (series, movie)",
    "list": "Lists like yours",
    LIKE_MINDED: "Members who like your genres",
    PASSED_OVER: "That you passed it over",
    "taste": "Your list as a whole",
}
# These compare a title with the list: of an empty one they would be no true words.
OF_THE_LIST = frozenset({"era", "series", "content", "length", "kind", "list", "taste"})

# How the names of a member's own corrections begin.
CORRECTION = "your correction: "

Given = Mapping[int, float]
Names = Mapping[int, str]


@dataclass(frozen=True)
class Cause:
    """One summand of a recommendation's score."""

    kind: Literal["title", "feature"]
    anime_id: int | None
    label: str
    score: int | None
    # Of all that speaks for the title, 0..1; below 0 where this speaks against it.
    share: float
    # The summand itself, in the units of the score.
    value: float = 0.0
    # The feature's name for programs; empty for a title.
    feature: str = ""

    @property
    def sentence(self) -> str:
        if self.kind == "feature":
            return self.label
        if self.score is None:
            return f"You watched {self.label}"
        return f"You gave {self.label} {'an' if self.score == 8 else 'a'} {self.score}"


@dataclass(frozen=True)
class Breakdown:
    """A score taken apart: `score` = Σ value of `causes` + `remainder`, to float32 rounding.

    `causes`: what speaks for the title, most first, then what speaks against it. `remainder`:
    what has no name a member would know.
    """

    score: float
    causes: tuple[Cause, ...]
    remainder: float


def given_by(list_: MemberList) -> dict[int, float]:
    """The member's scores by title, NaN where none was given."""
    return dict(zip(list_.items.tolist(), list_.scores.tolist(), strict=True))


def names_of(ids: set[int]) -> dict[int, str]:
    titles = Anime.objects.filter(pk__in=ids).order_by()
    return {pk: name or f"#{pk}" for pk, name in titles.values_list("pk", shown_name())}


def names_held(ids: set[int], version: int) -> dict[int, str]:
    """The same, of what this process holds of that version of the catalogue."""
    return {pk: title.display_title for pk, title in held.titles(ids, version).items()}


def names_wanted(parts: Sequence[Attribution], given: Given) -> set[int]:
    """Ids of the titles that could be named as a cause."""
    return {pk for part in parts for pk, _ in _strongest(part, given)}


def causes_shown(part: Attribution, names: Names, given: Given) -> tuple[Cause, ...]:
    """The few that add most: a title first if any helps, then a favourite genre if any does.

    Of titles only likes are named if there are any.
    """
    total = _total_for(part)
    titles = [
        _title(pk, names, given, value, total)
        for pk, value in _strongest(part, given)
        if pk in names
    ]
    features = [cause for cause in _features(part, total) if cause.value > 0]
    favourites = _by_share([one for one in features if one.feature.startswith(FAVOURITE)])
    first = [*titles[:1], *favourites[:1]]
    others = _by_share([cause for cause in [*titles, *features] if cause not in first])
    return (*first, *others[: CAUSES_SHOWN - len(first)])


def breakdown(part: Attribution, names: Names, given: Given) -> Breakdown:
    """All of `part`; a title that is gone and a feature without a label go into the remainder."""
    total = _total_for(part)
    titles = [
        _title(pk, names, given, value, total)
        for pk, value in _values(part).items()
        if value and pk in names
    ]
    causes = _by_share([*titles, *(cause for cause in _features(part, total) if cause.value)])
    named = sum(cause.value for cause in causes)
    return Breakdown(part.score, tuple(causes), part.score - named)


def _values(part: Attribution) -> dict[int, float]:
    return dict(zip(part.ids.tolist(), part.values.tolist(), strict=True))


def _total_for(part: Attribution) -> float:
    """All that speaks for the title. The remainder is not in it: it is the same for every title."""
    features = sum(value for value in part.features.values() if value > 0)
    return float(part.values[part.values > 0].sum(dtype=np.float64)) + features


def _title(pk: int, names: Names, given: Given, value: float, total: float) -> Cause:
    score = given.get(pk, np.nan)
    return Cause(
        "title", pk, names[pk], None if np.isnan(score) else int(score), _share(value, total), value
    )


def _features(part: Attribution, total: float) -> list[Cause]:
    unsaid: frozenset[str] = frozenset() if len(part.ids) else OF_THE_LIST
    return [
        Cause("feature", None, label, None, _share(value, total), value, name)
        for name, value in ((name, float(value)) for name, value in part.features.items())
        if name not in unsaid and (label := _label(name, value))
    ]


def _label(name: str, value: float) -> str:
    """A feature in the member's words; empty for one that has none."""
    if name in FEATURES:
        return FEATURES[name][value < 0]
    if name.startswith(FAVOURITE):
        return f"You like {name.removeprefix(FAVOURITE)}"
    is_correction = name.startswith(CORRECTION)
    return f"Your word on {name.removeprefix(CORRECTION)}" if is_correction else ""


def name_of_feature(name: str) -> str:
    """'How well known it is'; of one that is unknown, its own name."""
    return NAMED.get(name, name)


def _share(value: float, total: float) -> float:
    return value / total if total > 0 else 0.0


def _by_share(causes: list[Cause]) -> list[Cause]:
    return sorted(causes, key=lambda cause: (-cause.value, cause.anime_id or 0, cause.feature))


def _strongest(part: Attribution, given: Given) -> list[tuple[int, float]]:
    """The titles that add most, at most CAUSES_SHOWN: what the member liked, and only failing that the rest."""
    order = np.argsort(-part.values, kind="stable")
    order = order[part.values[order] > 0]
    # One after another, because the first few nearly always do: a list has a thousand.
    liked = (place for place in order if not given.get(int(part.ids[place]), LIKED) < LIKED)
    best = list(islice(liked, CAUSES_SHOWN)) or order[:CAUSES_SHOWN].tolist()
    return [(int(part.ids[place]), float(part.values[place])) for place in best]
