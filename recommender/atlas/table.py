"""The map as a table: the same titles, the same wishes, in an order of one's own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.core.paginator import Page, Paginator

from catalog.models import Anime
from ratings.models import User, UserAnimeRating
from recommender.atlas import files, shades
from recommender.atlas.legends import Legend, Wishes
from recommender.atlas.shades import Shade
from recommender.atlas.sheet import Served, Sheet, sheet_of
from recommender.engine.score_model import ScoreModel

PAGE = 50
# Heading, and whether it falls at first.
SORTS = {
    "title": ("Title", False),
    "genre": ("Genre", False),
    "year": ("Year", True),
    "type": ("Type", False),
    "group": ("Who watches it", False),
    "members": ("On lists", True),
    "score": ("Mean score", True),
    "mine": ("My score", True),
    "predicted": ("Predicted", True),
}
FOR_MEMBERS = ("mine", "predicted")
USUAL = "members"


@dataclass(frozen=True)
class Row:
    anime: Anime
    genre: Shade
    type: Shade
    group: Shade | None
    entry: UserAnimeRating | None
    predicted: float | None


@dataclass
class Table:
    map: Served
    legends: Sequence[Legend]
    wishes: Wishes
    member: User | None
    scorer: ScoreModel | None
    # As asked: "-year" falls.
    sort: str = ""
    page_asked: str = ""

    @cached_property
    def sheet(self) -> Sheet:
        return sheet_of(self.map)

    @cached_property
    def order(self) -> tuple[str, bool]:
        """By what, and whether it falls; by the most watched where nothing sensible is asked."""
        name = self.sort.removeprefix("-")
        if name not in self._sorts:
            return USUAL, True
        return name, self.sort.startswith("-")

    @property
    def _sorts(self) -> dict[str, tuple[str, bool]]:
        """The columns that this table has."""
        lacking = {"group"} if self.map.clusters is None else set()
        lacking |= set(FOR_MEMBERS) if self.member is None else set()
        return {name: told for name, told in SORTS.items() if name not in lacking}

    # --- which titles, in which order

    @cached_property
    def places(self) -> np.ndarray:
        """Of the titles that are wished, positions in the sheet in the order asked for."""
        return self._ordered(np.flatnonzero(self._wished()))

    def _wished(self) -> np.ndarray:
        columns = self._columns()
        kept = np.ones(len(self.sheet), bool)
        for legend in self.legends:
            keys = self.wishes.kept.get(legend.key)
            if keys:
                kept &= np.isin(columns[legend.key](), [legend.place(key) for key in keys])
        if self.member and self.wishes.mine:
            own = np.isin(self.sheet.ids, list(self._entries))
            kept &= own if self.wishes.mine == "own" else ~own
        if self.wishes.q:
            named = Anime.objects.visible().search(self.wishes.q).values_list("pk", flat=True)
            kept &= np.isin(self.sheet.ids, list(named))
        return kept

    def _columns(self) -> dict[str, Callable[[], np.ndarray]]:
        return {
            "genre": lambda: self.sheet.genres,
            "era": lambda: self.sheet.eras,
            "type": lambda: self.sheet.kinds,
            "group": lambda: self.sheet.groups,
            "score": lambda: bands(self._predicted),
        }

    def _ordered(self, places: np.ndarray) -> np.ndarray:
        name, falls = self.order
        if name == "members":
            # The sheet stands in that order.
            return places if falls else places[::-1]
        if name in ("title", "score"):
            return self._as_the_catalogue_orders(places, name, falls)
        values = self._values(name)[places]
        # What has no value comes last, whichever way.
        values = np.where(values == 0, np.inf, -values if falls else values)
        return places[np.argsort(values, kind="stable")]

    def _values(self, name: str) -> np.ndarray:
        """Numbers to sort by, 0 where there is none."""
        if name == "predicted":
            return self._predicted
        if name == "mine":
            scores = {pk: entry.score or 0 for pk, entry in self._entries.items()}
            return np.array([scores.get(pk, 0) for pk in self.sheet.ids.tolist()], float)
        if name == "year":
            return self.sheet.years.astype(float)
        legend = next((one for one in self.legends if one.key == name), None)
        if legend is None:
            return np.zeros(len(self.sheet))
        by_name = sorted(range(len(legend.shades)), key=lambda n: legend.shades[n].name)
        ranks = np.zeros(len(legend.shades))
        ranks[by_name] = np.arange(1, len(by_name) + 1)
        return np.asarray(ranks[self._columns()[name]()])

    def _as_the_catalogue_orders(self, places: np.ndarray, name: str, falls: bool) -> np.ndarray:
        titles = Anime.objects.visible()
        titles = titles.by_title() if name == "title" else titles.best_first()
        ids = np.fromiter(titles.values_list("pk", flat=True), np.int64)
        found = self.sheet.places_of(ids.tolist())
        found = found[np.isin(found, places)]
        # A title without a score comes last either way only where the best come first.
        return found if falls == SORTS[name][1] else found[::-1]

    # --- what stands in the rows

    @cached_property
    def page(self) -> Page[Any]:
        return Paginator(self.places, PAGE).get_page(self.page_asked)

    @property
    def numbers(self) -> Iterator[Any]:
        return self.page.paginator.get_elided_page_range(
            self.page.number, on_each_side=1, on_ends=1
        )

    @cached_property
    def rows(self) -> list[Row]:
        places = np.asarray(self.page.object_list, np.int64)
        titles = Anime.objects.visible().lean().in_bulk(self.sheet.ids[places].tolist())
        return [
            self._row(int(place), titles[pk])
            for place, pk in zip(places, self.sheet.ids[places].tolist(), strict=True)
            if pk in titles
        ]

    def _row(self, place: int, anime: Anime) -> Row:
        of = {legend.key: legend.shades for legend in self.legends}
        groups = of.get("group")
        score = float(self._predicted[place]) if self.member else 0.0
        return Row(
            anime=anime,
            genre=of["genre"][self.sheet.genres[place]],
            type=of["type"][self.sheet.kinds[place]],
            group=groups[self.sheet.groups[place]] if groups else None,
            entry=self._entries.get(anime.pk),
            predicted=score or None,
        )

    @property
    def headings(self) -> Iterator[tuple[str, str, str, str]]:
        """Key, words, the address that sorts by it, and how it is sorted now."""
        now, falls = self.order
        for name, (words, falls_first) in self._sorts.items():
            falling = not falls if name == now else falls_first
            way = ("descending" if falls else "ascending") if name == now else ""
            yield name, words, self.address(sort=f"-{name}" if falling else name), way

    def address(self, **changed: str) -> str:
        """What is wished, with something else."""
        name, falls = self.order
        sort = f"-{name}" if falls else name
        return "?" + urlencode({**self.asked, "sort": sort, **changed}, doseq=True)

    @property
    def here(self) -> str:
        return self.address()

    @property
    def map_address(self) -> str:
        """The same wishes, for the map."""
        return "?" + urlencode(
            {key: value for key, value in self.asked.items() if key != "q"}, doseq=True
        )

    @property
    def asked(self) -> dict[str, Any]:
        """The wishes without order and page."""
        said = {"color": self.wishes.color, "mine": self.wishes.mine, "q": self.wishes.q}
        return {**{key: value for key, value in said.items() if value}, **self.wishes.kept}

    # --- the member's part

    @cached_property
    def _entries(self) -> dict[int, UserAnimeRating]:
        if self.member is None:
            return {}
        return {entry.anime_id: entry for entry in self.member.list_entries.all()}

    @cached_property
    def _predicted(self) -> np.ndarray:
        if self.member is None:
            return np.zeros(len(self.sheet))
        return files.predicted(self.sheet, self.member, self.scorer)


def bands(scores: np.ndarray) -> np.ndarray:
    """Positions among the bands of predicted scores."""
    found = np.searchsorted(np.array(shades.BANDS[1:]), scores, side="right")
    return np.where(scores > 0, found, shades.NOT_PREDICTED)
