"""One ranking for a few members at once: nobody is outvoted.

Least misery, as in PolyLens (O'Connor, Cosley, Konstan & Riedl, ECSCW 2001; compared with other
strategies by Masthoff, UMUAI 2004). It is taken over places in each one's own ranking, not over scores:
the scores of two members' lists have no common scale.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import EngineError, IntArray, Mask


def places_in(ranking: npt.ArrayLike, candidates: npt.ArrayLike) -> IntArray:
    """The place of each of `candidates` in `ranking` (ids, best first), from 1, shape (n,).

    What the ranking does not name shares the place behind its last.
    """
    ranked, wanted = np.asarray(ranking, np.int64), np.asarray(candidates, np.int64)
    if not len(ranked):
        return np.ones(len(wanted), np.int64)
    order = np.argsort(ranked, kind="stable")
    at = np.searchsorted(ranked[order], wanted).clip(max=len(ranked) - 1)
    found = ranked[order][at] == wanted
    return np.where(found, order[at] + 1, len(ranked) + 1)


def least_misery(places: npt.ArrayLike, ids: npt.ArrayLike, votes: Mask) -> IntArray:
    """Positions of `ids`, best for all first, shape (n,).

    `places`: a row for each member, their place of each title, shape (members, n). `votes`: whether
    the member has a say on the title, shape (members, n); who has seen it has none. A title's place
    is the worst that anybody with a say gives it; then the mean of them, then the lower id. A title
    on which nobody has a say comes last.
    """
    rows = np.asarray(places, np.float64)
    titles = np.asarray(ids, np.int64)
    if rows.ndim != 2 or rows.shape != votes.shape or rows.shape[1] != len(titles):
        raise EngineError("every member needs a place for every title")
    voters = votes.sum(axis=0)
    worst = np.where(votes, rows, -np.inf).max(axis=0, initial=-np.inf)
    mean = np.where(votes, rows, 0.0).sum(axis=0) / np.maximum(voters, 1)
    worst = np.where(voters > 0, worst, np.inf)
    return np.asarray(np.lexsort((titles, mean, worst)), np.int64)
