"""Where titles lie: t-SNE for those with company, between their likes for the rest."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import FloatArray, IntArray, Mask, Vocabulary
from recommender.engine.traits import traits_of

# t-SNE begins from places this close together, or what begins far apart could never mix.
SMALL = 1e-4
FEWEST_STEPS = 250
BLOCK = 1000
# So far, in the map's own size, placed titles lie about the middle of their likes.
SCATTER = 0.01
TINY = 1e-9


def principal_plane(factors: FloatArray) -> FloatArray:
    """The first two principal axes, each pointing where its largest entry is positive, shape (n, 2)."""
    centred = factors - factors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred.T @ centred)
    plane = np.zeros((len(factors), 2), np.float32)
    found = centred @ axes[:2].T
    plane[:, : found.shape[1]] = found
    signs = np.sign(plane[np.abs(plane).argmax(axis=0), [0, 1]])
    return np.asarray(plane * np.where(signs == 0, 1, signs), np.float32)


def lay_out(
    factors: FloatArray,
    start: FloatArray,
    *,
    perplexity: float,
    steps: int,
    angle: float,
    seed: int,
) -> FloatArray:
    """t-SNE of unit rows from `start`, shape (n, 2); a handful of titles stays where it begins."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    if len(factors) < 5:
        return start
    spread = float(start.std())
    begin = start * (SMALL / spread) if spread > 0 else start
    tsne = TSNE(
        perplexity=min(perplexity, (len(factors) - 1) / 3),
        init=np.asarray(begin, np.float32),
        max_iter=max(steps, FEWEST_STEPS),
        angle=angle,
        random_state=seed,
    )
    # More threads add up in another order, and the same seed would give another map.
    with threadpool_limits(limits=1):
        return np.asarray(tsne.fit_transform(factors), np.float32)


def place_by_content(
    laid_out: FloatArray,
    watched: Mask,
    features: ItemFeatures,
    vocabulary: Vocabulary,
    anchors: int,
) -> FloatArray:
    """Coordinates of all titles: the others amid the `anchors` watched ones most like them.

    Likeness is the cosine of traits weighted by rarity; a title like none lies in the middle. Each
    is moved a little by its id, so that two of one kind do not cover each other.
    """
    places = np.zeros((len(vocabulary), 2), np.float32)
    places[watched] = laid_out
    others = np.flatnonzero(~watched)
    if not len(others):
        return places
    matrix = traits_of(features, vocabulary).matrix
    counts = np.asarray(matrix.sum(axis=0)).ravel()
    weighted = matrix @ sp.diags(np.log((1 + len(vocabulary)) / (1 + counts)))
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    unit = (sp.diags(1 / np.maximum(lengths, TINY)) @ weighted).tocsr()
    known = unit[np.flatnonzero(watched)].T.tocsr()
    for start in range(0, len(others), BLOCK):
        rows = others[start : start + BLOCK]
        near = np.asarray((unit[rows] @ known).todense(), np.float32)
        places[rows] = _amid(near, laid_out, anchors)
    places[others] += _scatter(np.asarray(vocabulary.ids)[others])
    return places


def _amid(near: FloatArray, laid_out: FloatArray, anchors: int) -> FloatArray:
    few = min(anchors, near.shape[1])
    best = np.argpartition(-near, few - 1, axis=1)[:, :few]
    weights = np.take_along_axis(near, best, axis=1)
    total = np.maximum(weights.sum(axis=1, keepdims=True), TINY)
    return np.asarray((weights[:, :, None] * laid_out[best]).sum(axis=1) / total, np.float32)


def _scatter(ids: IntArray) -> FloatArray:
    """A direction by the golden angle and a distance by the id: the same on every map."""
    angle = ids * 2.399963
    distance = SCATTER * (1 + ids % 7) / 7
    return np.asarray(np.stack([np.cos(angle), np.sin(angle)], 1) * distance[:, None], np.float32)
