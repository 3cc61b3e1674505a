"""A small picture of the map of all titles with a member's own lit: dots as SVG paths, drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.engine.atlas import Atlas
from recommender.engine.interactions import FloatArray
from recommender.own_lines import OwnLine

WIDTH, HEIGHT, MARGIN = 640, 420, 14
# Titles drawn as background; every so manieth by id stands for all.
BACKGROUND, MOST_OWN = 1500, 1500
# What was given this or more counts as liked; without such scores what has no score does.
LIKED = 8
NAMED = 5
# The outermost titles would shrink all others.
EDGE = 0.5


@dataclass(frozen=True)
class Picture:
    """`background`, `seen`, `liked`: paths of dots. `centre`: of the liked titles, in the picture's units.
    `near`, `far`: ids of liked titles, the nearest and the farthest from there."""

    background: str
    seen: str
    liked: str
    centre: tuple[int, int] | None
    near: Sequence[int]
    far: Sequence[int]
    number_seen: int
    number_liked: int
    # How much closer liked titles lie to each other than titles of the map at large, as a multiple.
    closeness: float | None
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"


def picture(atlas: Atlas | None, lines: Sequence[OwnLine]) -> Picture | None:
    """None where no map is served, or none of the titles is on it."""
    watched = [line for line in lines if line.is_watched]
    if atlas is None or not watched:
        return None
    ids = np.array([line.anime_id for line in watched], np.int64)
    places = atlas.positions_of(ids)
    there = np.isfinite(places).all(axis=1)
    if not there.any():
        return None
    scores = np.array([line.score or np.nan for line in watched], np.float32)
    liked = there & (scores >= LIKED)
    if not liked.any():
        liked = there & np.isnan(scores)
    units = _Units(np.asarray(atlas.coordinates))
    step = max(1, -(-len(atlas.coordinates) // BACKGROUND))
    centre = places[liked].mean(axis=0) if liked.any() else None
    near, far = _by_distance(ids[liked], places[liked], centre)
    return Picture(
        background=_dots(units(np.asarray(atlas.coordinates)[::step])),
        seen=_dots(units(places[there & ~liked][:MOST_OWN])),
        liked=_dots(units(places[liked][:MOST_OWN])),
        centre=None if centre is None else _point(units(centre[None, :])),
        near=near,
        far=far,
        number_seen=int(there.sum()),
        number_liked=int(liked.sum()),
        closeness=_closeness(np.asarray(atlas.coordinates), places[liked]),
    )


class _Units:
    """From the map's coordinates to the picture's, what lies outside its edge at the edge."""

    def __init__(self, coordinates: FloatArray) -> None:
        self.low, self.high = np.percentile(coordinates, [EDGE, 100 - EDGE], axis=0)
        self.size = np.maximum(self.high - self.low, 1e-6)

    def __call__(self, places: FloatArray) -> FloatArray:
        share = ((places - self.low) / self.size).clip(0, 1)
        # The picture's y goes down, the map's up.
        share[:, 1] = 1 - share[:, 1]
        room = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN], np.float32)
        return np.asarray(MARGIN + share * room, np.float32)


def _point(places: FloatArray) -> tuple[int, int]:
    x, y = np.rint(places[0]).astype(int).tolist()
    return x, y


def _dots(places: FloatArray) -> str:
    """A path that goes nowhere at each place: with round ends it is a dot, in ten characters."""
    spots = dict.fromkeys(map(tuple, np.rint(places).astype(int).tolist()))
    return "".join(f"M{x} {y}h0" for x, y in spots)


def _by_distance(
    ids: np.ndarray, places: FloatArray, centre: FloatArray | None
) -> tuple[list[int], list[int]]:
    if centre is None:
        return [], []
    order = np.argsort(((places - centre) ** 2).sum(axis=1), kind="stable")
    near = ids[order[:NAMED]].tolist()
    # Of few titles the farthest would be the nearest again.
    return near, ids[order[NAMED:][::-1][:NAMED]].tolist()


def _closeness(everything: FloatArray, liked: FloatArray) -> float | None:
    """RMS distance of all titles from their middle over that of the liked from theirs."""
    if len(liked) < NAMED:
        return None
    spread = float(np.sqrt(((liked - liked.mean(axis=0)) ** 2).sum(axis=1).mean()))
    whole = float(np.sqrt(((everything - everything.mean(axis=0)) ** 2).sum(axis=1).mean()))
    return whole / spread if spread > 0 else None
