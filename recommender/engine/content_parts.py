"""What is told of titles, part by part, as sparse blocks of items × terms with rows of length 1.

The inner product of two rows of a block is the cosine of the two titles in that part; a title of
which a part is not known has a row of zeros, and so the cosine 0 with everything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import FloatArray, Interactions
from recommender.engine.series import series_of
from recommender.engine.studios import Studios, one_hot

# Says how good a title is, not what it is like.
NOT_CONTENT = frozenset({"Award Winning"})
# Words in fewer synopses than this are names; in titles a word must be shared to tell anything.
RAREST_WORD, RAREST_NAME = 3, 2
# With fewer texts than this every word counts.
FEW_TEXTS = 100
MAX_WORDS, MAX_NAMES = 20_000, 40_000
# Years and lengths are spread over soft steps, so that near ones are alike: centres and width.
ERAS, ERA_WIDTH = np.arange(1960.0, 2036.0, 5.0), 5.0
# log(1 + episodes): 1 film, 12, 24, 50, 100 and more.
LENGTHS, LENGTH_WIDTH = np.linspace(0.7, 5.5, 8), 0.6
# What a studio makes, in these parts, tells what it is like.
OF_STUDIOS = {"genre": 1.0, "synopsis": 1.0, "type": 0.3, "source": 0.3}

Blocks = dict[str, sp.csr_matrix]


def read_blocks(features: ItemFeatures, interactions: Interactions) -> Blocks:
    """All parts of `features`, in the order of its ids; without interactions studios do without."""
    blocks: Blocks = {
        "synopsis": _words(features.synopses, RAREST_WORD, MAX_WORDS, (1, 1), "english"),
        "title": _words(features.titles, RAREST_NAME, MAX_NAMES, (1, 2), None),
        "series": _series(features),
        "genre": weighted_one_hot(features.genres),
        "type": _single(features.kinds),
        "source": _single(features.sources),
        "era": _soft_steps(features.years, ERAS, ERA_WIDTH),
        "length": _soft_steps(_log_episodes(features), LENGTHS, LENGTH_WIDTH),
    }
    studios = Studios.learn(features, interactions, blocks, OF_STUDIOS)
    return {**blocks, "studio": sp.csr_matrix(studios.item_vectors())}


def weighted_one_hot(names: Sequence[Sequence[str]]) -> sp.csr_matrix:
    """Items × names, each name weighted by log(1 + n / its count), rows of length 1."""
    _, hot = one_hot([[name for name in line if name not in NOT_CONTENT] for line in names])
    counts = np.maximum(np.asarray(hot.sum(axis=0)).ravel(), 1)
    idf = np.log1p(len(names) / counts).astype(np.float32)
    return unit_rows(hot @ sp.diags(idf, dtype=np.float32))


def unit_rows(matrix: sp.csr_matrix) -> sp.csr_matrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    return sp.csr_matrix(sp.diags((1 / lengths).astype(np.float32)) @ matrix)


def _words(
    texts: Sequence[str], rarest: int, most: int, spans: tuple[int, int], stop: str | None
) -> sp.csr_matrix:
    """TF-IDF with log(1 + tf) of words and, where `spans` says so, pairs of words."""
    # Loaded here alone: whatever serves the model does without scikit-learn.
    from sklearn.feature_extraction.text import TfidfVectorizer

    told = sum(bool(text) for text in texts)
    vectorizer = TfidfVectorizer(
        stop_words=stop,
        sublinear_tf=True,
        ngram_range=spans,
        min_df=rarest if told >= FEW_TEXTS else 1,
        max_features=most,
        dtype=np.float32,
    )
    try:
        found: sp.csr_matrix = vectorizer.fit_transform(texts)
    except ValueError:
        # No text has a word that counts; the other parts carry the model.
        return sp.csr_matrix((len(texts), 0), dtype=np.float32)
    return found


def _series(features: ItemFeatures) -> sp.csr_matrix:
    """One-hot series; a title that stands alone is in none."""
    series = series_of(features)
    alone = series.sizes() < 2
    return weighted_one_hot(
        [() if single else (str(key),) for key, single in zip(series.key, alone, strict=True)]
    )


def _single(names: Sequence[str]) -> sp.csr_matrix:
    """One-hot, unweighted: the cosine is 1 where two titles bear the same name."""
    return one_hot([(name,) if name else () for name in names])[1]


def _log_episodes(features: ItemFeatures) -> FloatArray:
    known = np.where(features.episodes >= 0, features.episodes, np.nan)
    return np.log1p(known).astype(np.float32)


def _soft_steps(
    values: FloatArray, centres: npt.NDArray[np.float64], width: float
) -> sp.csr_matrix:
    """exp(-((value - centre) / width)²) for each centre, rows of length 1; NaN gives zeros."""
    clipped = np.clip(values.astype(np.float64), centres[0], centres[-1])
    near = np.exp(-(((clipped[:, None] - centres) / width) ** 2))
    near[~(near > 0.02)] = 0  # NaN too
    return unit_rows(sp.csr_matrix(near.astype(np.float32)))
