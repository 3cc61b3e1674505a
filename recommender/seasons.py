"""What a season holds, in the order a member would like it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, Max, Min, OuterRef, Value

from catalog import viewing
from catalog.broadcasts import countdown
from catalog.models import Anime, CatalogueVersion, Precision
from catalog.models.anime import AnimeType
from catalog.seasons import FIRST_YEAR, JAPAN, YEARS_AHEAD, SeasonOfYear
from ratings.models import Feedback, Follow, User, UserAnimeRating, WatchStatus
from recommender import datasets, serving
from recommender.serving import Detail, Recommendation
from recommender.serving.models import ActiveModels

Key = Callable[[Anime], Any]
# The default for who has a list; the other orders are for everybody.
FOR_YOU = "for-you"
LABELS = {
    FOR_YOU: "For you",
    "members": "Most watched",
    "score": "Best score",
    "date": "First day",
    "title": "Title",
}
ORDERS: dict[str, Key] = {
    "members": lambda title: (-(title.members or 0), title.pk),
    "score": lambda title: (-(title.mean_score or 0), -(title.members or 0), title.pk),
    "date": lambda title: (title.aired_from is None, title.aired_from, title.pk),
    "title": lambda title: (title.display_title.casefold(), title.pk),
}
GROUPS = {"tv": "TV", "movies": "Movies", "other": "OVA, ONA and specials"}
CONTINUING = "Still running from before"
# What a member says of a title they have on their list, the most alive first.
ALIVE = (WatchStatus.WATCHING, WatchStatus.PLANNED, WatchStatus.ON_HOLD, WatchStatus.COMPLETED)
AN_HOUR = 3600
# So many of a kind stand on the page before all are asked for: of series twice as many.
SHELF, SHELF_OF_SERIES = 12, 24


@dataclass(frozen=True)
class Shelf:
    id: str
    name: str
    titles: list[Anime]
    # How many there are of it.
    number: int


@dataclass
class SeasonPage:
    """One season as `member` sees it; None is a guest."""

    season: SeasonOfYear
    member: User | None
    now: datetime
    sort: str = ""
    # The shelf that is shown whole.
    whole: str = ""
    titles: list[Anime] = field(init=False)

    def __post_init__(self) -> None:
        is_over_or_now = self.season <= SeasonOfYear.now(self.now)
        found = Anime.objects.of_seasons().running_in(self.season, is_over_or_now=is_over_or_now)
        # What the member has done with a title comes along with it: each would be a query more.
        titles = found.annotate(
            is_followed=self._said_in(Follow), is_hidden=self._said_in(Feedback)
        )
        self.titles = list(titles.lean().most_watched_first())

    def _said_in(self, model: type[Follow | Feedback]) -> Exists | Value:
        if self.member is None:
            return Value(False)
        return Exists(model.objects.filter(user=self.member, anime=OuterRef("pk")))

    @cached_property
    def orders(self) -> dict[str, str]:
        """The orders there are, with their names; the first is the default."""
        return {
            name: label for name, label in LABELS.items() if self.is_personal or name != FOR_YOU
        }

    @property
    def order(self) -> str:
        """As asked, or the default where that is none."""
        return self.sort if self.sort in self.orders else next(iter(self.orders))

    @cached_property
    def is_personal(self) -> bool:
        """Whether there is a list to go by."""
        return self._own is not None and len(self._own.list) > 0

    @cached_property
    def _own(self) -> datasets.OwnTitles | None:
        return datasets.read_own(self.member) if self.member else None

    @cached_property
    def _models(self) -> ActiveModels:
        return serving.active_models()

    @cached_property
    def _version(self) -> int:
        return CatalogueVersion.now()

    @cached_property
    def shelves(self) -> list[Shelf]:
        """Types apart, and what goes on from before; empty ones are left out."""
        ordered = sorted(self.titles, key=self._key())
        groups: dict[str, list[Anime]] = {group: [] for group in (*GROUPS, "continuing")}
        for title in ordered:
            groups[self._group(title)].append(title)
        names = {**GROUPS, "continuing": CONTINUING}
        return [
            Shelf(group, names[group], self._shown(group, found), len(found))
            for group, found in groups.items()
            if found
        ]

    @cached_property
    def _shown_ids(self) -> set[int]:
        return {title.pk for shelf in self.shelves for title in shelf.titles}

    def _shown(self, group: str, titles: list[Anime]) -> list[Anime]:
        if group == self.whole:
            return titles
        return titles[: SHELF_OF_SERIES if group == "tv" else SHELF]

    def _group(self, title: Anime) -> str:
        if not self.season.has(title):
            return "continuing"
        return {AnimeType.TV.value: "tv", AnimeType.MOVIE.value: "movies"}.get(title.type, "other")

    # --- in whose order

    def _key(self) -> Key:
        return self._liking if self.order == FOR_YOU else ORDERS[self.order]

    def _liking(self, title: Anime) -> tuple[int, int, Any]:
        """What is on the list and alive, then by the ranking, then what it holds back, then the rest."""
        entry, place = self.entries.get(title.pk), self._places.get(title.pk)
        last = ORDERS["members"](title)
        if entry and entry.status in ALIVE:
            return 0, ALIVE.index(WatchStatus(entry.status)), last
        if place is not None:
            return 1, place, last
        is_unwanted = entry is not None or title.pk in self._hidden
        return 2 + is_unwanted, 0, last

    @cached_property
    def recommended(self) -> dict[int, Recommendation]:
        """Of the titles shown, by title; without what is on the list, hidden, or to wait for another."""
        # A season has hundreds: reasons for those that nobody sees cost more than a second ranking.
        return self._ranked([pk for pk in self._places if pk in self._shown_ids])

    @cached_property
    def _places(self) -> dict[int, int]:
        """By title, which of all comes when."""
        ranked = self._ranked(self._ids, Detail.ORDER)
        return {pk: place for place, pk in enumerate(ranked)}

    def _ranked(self, ids: list[int], detail: Detail = Detail.REASONS) -> dict[int, Recommendation]:
        if self.member is None or not self.is_personal or not ids:
            return {}
        found = serving.recommend(
            self.member,
            top_n=len(ids),
            among=ids,
            upcoming=True,
            detail=detail,
            models=self._models,
            version=self._version,
            own=self._own,
        )
        return {answer.anime_id: answer for answer in found}

    @cached_property
    def predicted(self) -> dict[int, float]:
        """The score the member would likely give, by title shown; without what they scored already."""
        if self.member is None or not self.is_personal:
            return {}
        scored = {pk for pk, entry in self.entries.items() if entry.score}
        asked = self._shown_ids - set(self.recommended) - scored
        others = (
            serving.predict_scores(self.member, sorted(asked), models=self._models, own=self._own)
            if asked
            else {}
        )
        ranked = {pk: found.predicted_score for pk, found in self.recommended.items()}
        return {pk: score for pk, score in {**ranked, **others}.items() if score is not None}

    @cached_property
    def entries(self) -> dict[int, UserAnimeRating]:
        """What the member's list says of these titles."""
        if self.member is None:
            return {}
        said = self.member.list_entries.filter(anime__in=self._ids)
        return {entry.anime_id: entry for entry in said}

    @cached_property
    def _hidden(self) -> set[int]:
        return {title.pk for title in self.titles if getattr(title, "is_hidden", False)}

    @cached_property
    def followed(self) -> set[int]:
        return {title.pk for title in self.titles if getattr(title, "is_followed", False)}

    @property
    def _ids(self) -> list[int]:
        return [title.pk for title in self.titles]

    # --- beside a title

    def note(self, title: Anime) -> str:
        """When it is on: 'Episode 9 in 2 days', 'Begins 9 January 2027'."""
        if said := countdown(title, self.now):
            return said
        day = title.aired_from
        today = self.now.astimezone(JAPAN).date()
        if day is None or day < today or title.aired_from_precision == Precision.YEAR:
            return ""
        return f"Begins {title.begins}"

    def why_last(self, title: Anime) -> str:
        """Why a title of this page has no place in the ranking; empty where it has one."""
        is_known = title.pk in self.entries or title.pk in self._places
        if not self.is_personal or is_known:
            return ""
        return "Hidden" if title.pk in self._hidden else "Comes after one you have not seen"


def years(now: datetime) -> list[list[int]]:
    """Every year there is a page for something in, newest first, by decade."""
    first, last = cache.get_or_set("seasons:years", _years_known, AN_HOUR) or (None, None)
    this = SeasonOfYear.now(now).year
    newest = min(max(last or this, this + 1), this + YEARS_AHEAD)
    oldest = max(min(first or this, this), FIRST_YEAR)
    decades: dict[int, list[int]] = {}
    for year in range(newest, oldest - 1, -1):
        decades.setdefault(year // 10, []).append(year)
    return list(decades.values())


def _years_known() -> tuple[int | None, int | None]:
    # Kept for everybody, so asked for nobody in particular.
    with viewing.seen_by(viewing.NOBODY):
        found = Anime.objects.of_seasons().aggregate(
            Min("year"), Max("year"), Min("aired_from__year"), Max("aired_from__year")
        )
    lows = [found[name] for name in ("year__min", "aired_from__year__min") if found[name]]
    highs = [found[name] for name in ("year__max", "aired_from__year__max") if found[name]]
    return min(lows, default=None), max(highs, default=None)
