"""Titles that go with a title, and what makes each of them go with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from catalog import viewing
from catalog.models import Anime, AnimeRelation, CatalogueVersion, FamilyPart
from recommender.engine.base import Recommender
from recommender.engine.content import Content
from recommender.engine.content_weights import DEFAULT_WEIGHTS
from recommender.engine.interactions import IntArray
from recommender.serving.keeping import kept
from recommender.serving.models import ActiveModels, active_models, edition_of, served
from recommender.serving.shown import shown_now

RANK_FUSION = 20
# So deep each model's ranking is read.
DEEPEST = 100
CACHED_SECONDS = 3600
# What is named of the parts in which two titles are alike: the largest, until so much is told.
PARTS_NAMED, PARTS_ENOUGH = 3, 0.7


@dataclass(frozen=True)
class SimilarTitle:
    """`watched`: the share of `score` that comes of members who watched both, 0..1; the rest is
    that the titles are alike. `alike`: the parts of content that make up most of that."""

    anime_id: int
    score: float
    shared: tuple[str, ...] = ()
    watched: float = 0.0
    alike: tuple[str, ...] = ()


def similar(
    anime_id: int, *, top_n: int = 12, models: ActiveModels | None = None
) -> list[SimilarTitle]:
    """Titles that go with this one: watched by the same members, and alike in content.

    Both rankings are joined by reciprocal ranks (Cormack et al., SIGIR 2009). The whole
    franchise and other relations are left out: a title's page lists them apart. The answer is kept
    until the models or the catalogue change.
    """
    models = active_models() if models is None else models
    key = cache_key("similar", models, anime_id, top_n)

    def work_out() -> list[SimilarTitle]:
        near = nearest(anime_id, top_n=top_n, models=models)
        shared = _shared_names(anime_id, [title.anime_id for title in near])
        return [replace(title, shared=shared[title.anime_id]) for title in near]

    return kept("similar", key, work_out, seconds=CACHED_SECONDS)


def cache_key(what: str, models: ActiveModels, *question: object) -> str:
    """Of an answer about a title that is the same for everybody who may see the same titles."""
    asked = ":".join(map(str, question))
    return f"{what}:{CatalogueVersion.now()}:{edition_of(models)}:{viewing.shows_adult():d}:{asked}"


def nearest(anime_id: int, *, top_n: int, models: ActiveModels) -> list[SimilarTitle]:
    """The same without the names of what they share, and not kept: two queries."""
    allowed = shown_now(CatalogueVersion.now(), upcoming=False)
    allowed = np.setdiff1d(allowed, _related_ids(anime_id))
    content = served("content", models)
    together = _ranks(served("ease", models), anime_id, allowed)
    alike = _ranks(content, anime_id, allowed)
    scores = {pk: together.get(pk, 0.0) + alike.get(pk, 0.0) for pk in {*together, *alike}}
    best = sorted(scores, key=lambda pk: (-scores[pk], pk))[:top_n]
    parts = parts_alike(content, anime_id, [pk for pk in best if pk in alike])
    return [
        SimilarTitle(
            pk,
            scores[pk],
            watched=together.get(pk, 0.0) / scores[pk],
            alike=parts.get(pk, ()),
        )
        for pk in best
    ]


def _ranks(model: Recommender | None, anime_id: int, allowed: IntArray) -> dict[int, float]:
    """What each of the nearest adds to the joint score by its rank."""
    if model is None:
        return {}
    mask = np.isin(model.vocabulary.ids, allowed)
    near = model.similar_items(anime_id, DEEPEST, mask).ids.tolist()
    return {pk: 1 / (RANK_FUSION + rank) for rank, pk in enumerate(near)}


def parts_alike(
    model: Recommender | None, anime_id: int, others: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """The parts of content in which each of `others` is most like the title, the first the most."""
    if not isinstance(model, Content) or not others:
        return {}
    position = int(model.vocabulary.positions([anime_id])[0])
    values = model.similarity_parts(position, model.vocabulary.positions(others))
    return {pk: _largest(line.tolist()) for pk, line in zip(others, values, strict=True)}


def _largest(values: list[float]) -> tuple[str, ...]:
    told, names = 0.0, list(DEFAULT_WEIGHTS)
    found: list[str] = []
    for place in sorted(range(len(values)), key=lambda place: -values[place])[:PARTS_NAMED]:
        if values[place] <= 0 or told >= PARTS_ENOUGH * sum(values):
            break
        told += values[place]
        found.append(names[place])
    return tuple(found)


def _related_ids(anime_id: int) -> list[int]:
    """Its whole franchise, and whatever else an edge names; one query."""
    edges = AnimeRelation.objects.touching(anime_id).values_list("anime_id", "to_mal_id")
    # A franchise is named by one of its titles.
    parts = FamilyPart.objects.of_franchise_of(anime_id).values_list("anime_id", "franchise")
    return [pk for pair in edges.union(parts, all=True) for pk in pair]


def _shared_names(anime_id: int, others: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Genres and studios that each of `others` has in common with `anime_id`."""
    titles = Anime.objects.filter(pk__in=[anime_id, *others]).only("pk")
    # Two queries for all of them, instead of two for each.
    names = {
        anime.pk: [str(word) for word in (*anime.genres.all(), *anime.studios.all())]
        for anime in titles.prefetch_related("genres", "studios")
    }
    own = set(names.get(anime_id, ()))
    return {pk: tuple(word for word in names.get(pk, ()) if word in own) for pk in others}
