"""Lists at the size of the published set: 7.8 million ratings, 73,500 members, 11,200 titles.

The set is resampled from the 4,500 real members: each new member is one of them, drawn with replacement,
whose list is redrawn title by title, with replacement: four lines of five are titles of that list,
the fifth is a title of somebody else who watched the drawn one. So lists differ, what goes together
still does, and lengths spread as they did. Titles that nobody here watched, so that there are as many
as in the published set, take five lines each.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recommender.engine.interactions import Interactions

SEED = 20261123
MEMBERS, RATINGS, TITLES = 73_500, 7_800_000, 11_200
KEPT = 0.8


def resampled(data: Interactions, rng: np.random.Generator) -> Interactions:
    """MEMBERS lists with about RATINGS lines over TITLES titles, see the head of this file."""
    titles = data.vocabulary()
    X = data.matrix(titles)
    who = rng.integers(0, X.shape[0], MEMBERS)
    sizes = np.diff(X.indptr)[who]
    # Repeated titles fall together below; ask for more lines to begin with.
    wanted = np.maximum(1, np.round(sizes * (1.7 * RATINGS / sizes.sum()))).astype(np.int64)
    members = np.repeat(np.arange(MEMBERS), wanted)
    source = np.repeat(who, wanted)
    items = _line_of(X, source, rng)
    moved = rng.random(len(items)) > KEPT
    watchers = X.T.tocsr()
    items[moved] = _line_of(X, _line_of(watchers, items[moved], rng), rng)
    keys = np.unique(members * len(titles) + items)
    if len(keys) > RATINGS:
        keys = np.sort(rng.choice(keys, RATINGS, replace=False))
    members, items = np.divmod(keys, len(titles))
    ids, members, items = _with_more_titles(titles.ids, members, items, rng)
    scores = np.clip(np.round(rng.normal(7.8, 1.6, len(items))), 1, 10)
    scores[rng.random(len(items)) < 0.19] = np.nan
    return Interactions.of(members, ids[items], scores)


def _line_of(X: sp.csr_matrix, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random column of each of these rows."""
    sizes = np.diff(X.indptr)[rows]
    return X.indices[X.indptr[rows] + rng.integers(0, sizes)].astype(np.int64)


def _with_more_titles(
    ids: np.ndarray, members: np.ndarray, items: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The published set has rarer titles than these members watched: split lines off to new ids."""
    missing = max(0, TITLES - len(ids))
    lines = rng.choice(len(items), missing * 5, replace=False)
    items = items.copy()
    items[lines] = len(ids) + np.repeat(np.arange(missing), 5)
    return np.concatenate([ids, ids.max() + 1 + np.arange(missing)]), members, items
