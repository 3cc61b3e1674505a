"""A title in the middle, what is nearest to it, and what ties all of these to each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from catalog.models import Anime, AnimeRelation, RelationKind
from catalog.models.relations import INVERSE, READING_ORDER
from recommender import likeness_words, serving
from recommender.engine.base import Recommender
from recommender.engine.content import Content
from recommender.engine.interactions import FloatArray
from recommender.engine.linear import Ease
from recommender.serving.models import served
from recommender.serving.similarity import nearest, parts_alike

MOST_NEAR = 24
# Of those at most so many that an edge of a source names.
MOST_RELATED = 8
# A title is tied to so many of the others by each model; to the middle all are tied.
TIES = 1

Pair = tuple[int, int]


@dataclass
class Tie:
    """Why two titles go together. `relation`: what the second is to the first."""

    relation: str = ""
    watched: bool = False
    alike: tuple[str, ...] | None = None

    @property
    def kind(self) -> str:
        """By what it is drawn: a relation says most, then what members do."""
        return "related" if self.relation else "watched" if self.watched else "alike"

    @property
    def words(self) -> str:
        found = [self.relation]
        if self.watched:
            found.append(likeness_words.WATCHED)
        if self.alike is not None:
            found.append(likeness_words.alike_in(self.alike))
        first, *rest = filter(None, found)
        return ", and ".join([first, *(likeness_words.lower(words) for words in rest)])


@dataclass(frozen=True)
class Network:
    """`titles`: the middle, then the nearest first. `ties`: by pairs of places in `titles`.

    `together`, `alike`: how near each title is to the middle, shape (n,): EASE's weight as a share
    of the largest of them, and the content model's own measure, 0..1.
    """

    titles: list[Anime]
    ties: dict[Pair, Tie] = field(default_factory=dict)
    together: tuple[float, ...] = ()
    alike: tuple[float, ...] = ()


def network_of(anime: Anime, models: serving.ActiveModels) -> Network:
    near = nearest(anime.pk, top_n=MOST_NEAR, models=models)
    titles = [anime, *_nearest(anime, [found.anime_id for found in near])]
    ids = [title.pk for title in titles]
    ties = _relations(ids)
    known = {found.anime_id: found for found in near}
    for place, pk in enumerate(ids[1:], 1):
        if found := known.get(pk):
            tie = ties.setdefault((0, place), Tie())
            tie.watched = found.watched > 0
            tie.alike = found.alike if found.watched < 1 else None
    ease, content = served("ease", models), served("content", models)
    together, alike = _weights(ease, ids), _weights(content, ids)
    _tie(ties, together, alike, content, ids)
    most = float(together[0].max()) or 1.0
    return Network(
        titles, ties, tuple((together[0] / most).tolist()), tuple(alike[0].clip(0, 1).tolist())
    )


def _nearest(anime: Anime, similar: list[int]) -> list[Anime]:
    """What a source relates to it, in reading order, then what is like it; one query beside the edges."""
    kinds = AnimeRelation.objects.around(anime.pk)
    order = {kind: place for place, kind in enumerate(READING_ORDER)}
    related = sorted(kinds, key=lambda pk: (order.get(RelationKind(kinds[pk]), 99), pk))
    found = Anime.objects.visible().exclude(pk=anime.pk).lean().in_bulk([*related, *similar])
    # Characters meet half the world: such a tie is drawn where room is left.
    shown = [pk for pk in related if pk in found][:MOST_RELATED]
    return [found[pk] for pk in [*shown, *(pk for pk in similar if pk in found)]][:MOST_NEAR]


def _relations(ids: list[int]) -> dict[Pair, Tie]:
    """What sources say of any two of them; one query."""
    places = {pk: place for place, pk in enumerate(ids)}
    rows = AnimeRelation.objects.filter(anime_id__in=ids, to_mal_id__in=ids)
    ties: dict[Pair, Tie] = {}
    for start, kind, end in rows.order_by("pk").values_list("anime_id", "kind", "to_mal_id"):
        first, second = places[start], places[end]
        if first == second:
            continue
        # Read from the middle outwards: what the second is to the first.
        said = kind if first < second else INVERSE.get(RelationKind(kind), kind)
        label = str(RelationKind(said).label)
        ties.setdefault((min(first, second), max(first, second)), Tie(relation=label))
    return ties


def _weights(model: Recommender | None, ids: list[int]) -> FloatArray:
    """How near each of `ids` is to each, shape (n, n); 0 where nothing is known."""
    found = np.zeros((len(ids), len(ids)), np.float32)
    if not isinstance(model, Ease | Content):
        return found
    positions = model.vocabulary.positions(ids)
    known = np.flatnonzero(positions >= 0)
    rows = positions[known]
    if isinstance(model, Ease):
        block = model.weights[rows][:, rows].toarray()
    else:
        block = sp.csr_matrix(model.features[rows] @ model.features[rows].T).toarray()
    found[np.ix_(known, known)] = np.maximum(block, block.T)
    np.fill_diagonal(found, 0)
    return found


def _tie(
    ties: dict[Pair, Tie],
    together: FloatArray,
    alike: FloatArray,
    content: Recommender | None,
    ids: list[int],
) -> None:
    """Tie each title beside the middle to the others that each model thinks nearest."""
    for first, second in _strongest(together):
        ties.setdefault((first, second), Tie()).watched = True
    for first, second in _strongest(alike):
        parts = parts_alike(content, ids[first], [ids[second]])
        ties.setdefault((first, second), Tie()).alike = parts[ids[second]]


def _strongest(near: FloatArray) -> Iterable[Pair]:
    for place in range(1, len(near)):
        others = near[place].copy()
        others[0] = 0
        for other in np.argsort(-others, kind="stable")[:TIES].tolist():
            if others[other] > 0:
                yield min(place, other), max(place, other)
