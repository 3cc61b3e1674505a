"""The charts: what each is called, may be narrowed to, and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import md5

from django.core.cache import cache

from catalog import viewing
from catalog.charts import Chart
from catalog.models import CatalogueVersion
from catalog.trends import drawing, kinds, measures, people
from catalog.trends.counting import Numbers
from catalog.trends.wishes import Wish

# What does not raise the catalogue's version (a curator's correction) is seen after so long.
AN_HOUR = 3600
# Raise it when what is drawn changes: what was drawn before is another thing.
DRAWING = 2
HIGH, SMALL, FEWER_BARS = 420, 240, 8


@dataclass(frozen=True)
class Trend:
    slug: str
    name: str
    draw: Callable[[Numbers], Chart]
    # What its address may be narrowed by: the names that `WishForm` knows.
    fields: tuple[str, ...] = ("year", "type", "members")
    # Ways to draw it, the usual one first: value and label.
    ways: tuple[tuple[str, str], ...] = ()
    height: int = HIGH
    # Left out of the overview where it has nothing to show, as on a new site.
    is_extra: bool = False


TRENDS = {
    trend.slug: trend
    for trend in (
        Trend("genres", "Genres", kinds.genres, ("by", "year", "type", "members", "genre"), kinds.GENRE_WAYS),
        Trend("sources", "Source material", kinds.sources),
        Trend("length", "Length", kinds.length, ("by", "year", "type", "members"), kinds.LENGTH_WAYS),
        Trend("types", "Types", kinds.types, ("year", "members")),
        Trend("popularity", "Popularity", measures.popularity),
        Trend("growth", "Members over time", people.growth, ("type",), is_extra=True),
        Trend("scores", "Scores", measures.scores, ("by", "year", "type", "members"), measures.SCORE_WAYS),
        Trend("studios", "Studios", people.studios, ("decade", "type", "members"), height=560),
    )
}  # fmt: skip


def drawn(trend: Trend, wish: Wish) -> Chart:
    """For whoever looks: titles for adults count where those are shown."""
    key = _key(trend, wish, CatalogueVersion.now())
    if (known := cache.get(key)) is not None:
        return known  # type: ignore[no-any-return]  # the cache keeps what is put there below
    chart = _draw(trend, Numbers(wish))
    cache.set(key, chart, AN_HOUR)
    return chart


def overview() -> list[tuple[Trend, Chart]]:
    """All of them as they usually are, small; those worked out together share their questions."""
    version, numbers = CatalogueVersion.now(), Numbers(Wish())
    keys = {trend.slug: _key(trend, Wish(), version) for trend in TRENDS.values()}
    known = cache.get_many(keys.values())
    fresh = {key: _draw(TRENDS[slug], numbers) for slug, key in keys.items() if key not in known}
    if fresh:
        cache.set_many(fresh, AN_HOUR)
    charts = known | fresh
    pairs = [(TRENDS[slug], _small(charts[key])) for slug, key in keys.items()]
    return [(trend, chart) for trend, chart in pairs if chart.rows and not _is_idle(trend, chart)]


def _small(chart: Chart) -> Chart:
    figure = chart.figure
    if chart.id == "trend-studios":
        figure = drawing.shortened(figure, FEWER_BARS)
    return replace(chart, figure=figure, height=SMALL)


def _is_idle(trend: Trend, chart: Chart) -> bool:
    return trend.is_extra and len(chart.rows) < 2


def _draw(trend: Trend, numbers: Numbers) -> Chart:
    return replace(trend.draw(numbers), id=f"trend-{trend.slug}", height=trend.height)


def _key(trend: Trend, wish: Wish, version: int) -> str:
    asked = md5(repr(wish).encode(), usedforsecurity=False).hexdigest()
    return f"trend:{DRAWING}:{trend.slug}:{version}:{int(viewing.shows_adult())}:{asked}"
