"""Who is in which variant."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import chisquare

from recommender.engine.experiments.assignment import Slice, check_shares, chosen, place_of
from recommender.engine.interactions import EngineError

MEMBERS = 20_000


def places(salt: str) -> list[float]:
    return [place_of(salt, str(member)) for member in range(MEMBERS)]


def test_a_place_is_the_same_on_every_machine() -> None:
    """Written down, so that no change of the hash passes unseen: it would move all members."""
    assert place_of("autumn", "17") == pytest.approx(0.4993275957, abs=1e-9)
    assert place_of("autumn", "17") == place_of("autumn", "17")
    assert place_of("autumn1", "7") != place_of("autumn", "17")


def test_places_are_spread_evenly_and_tell_nothing_of_another_salt_s() -> None:
    one, other = np.array(places("one")), np.array(places("other"))
    assert one.min() >= 0
    assert one.max() < 1
    assert chisquare(np.histogram(one, 20, (0, 1))[0]).pvalue > 1e-4
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.1), (0.2, 0.3, 0.5), (0.0, 1.0)])
def test_variants_get_their_shares(shares: tuple[float, ...]) -> None:
    counts = np.bincount(
        [chosen(place, shares) for place in places("shares")], minlength=len(shares)
    )
    open_ = np.array(shares) > 0
    assert counts[~open_].sum() == 0
    expected = np.array(shares)[open_] * MEMBERS
    assert open_.sum() == 1 or chisquare(counts[open_], expected).pvalue > 1e-4


def test_the_last_sliver_goes_to_a_variant_that_has_a_share() -> None:
    assert chosen(1 - 2**-53, (0.3, 0.7 - 1e-12, 0.0)) == 1


def test_more_of_a_share_moves_nobody_out_of_it() -> None:
    """A ramp of the treatment, put last and then first in order."""
    before = [chosen(place, (0.1, 0.9)) for place in places("ramp")]
    after = [chosen(place, (0.3, 0.7)) for place in places("ramp")]
    assert all(now == 0 for was, now in zip(before, after, strict=True) if was == 0)


@pytest.mark.parametrize("shares", [(1.0,), (0.5, 0.6), (-0.1, 1.1), (float("nan"), 1.0), ()])
def test_shares_that_are_none_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(EngineError):
        check_shares(shares)


def test_slices_of_one_layer_share_nobody() -> None:
    slices = [Slice(0, 0.25), Slice(0.25, 0.5), Slice(0.5, 1)]
    for place in (0.0, 0.25, 0.499, 0.5, 0.999):
        assert sum(one.holds(place) for one in slices) == 1
    assert not any(a.overlaps(b) for a, b in pairwise(slices))
    assert Slice(0.2, 0.3).overlaps(slices[0])
    for start, end in ((0.5, 0.5), (0.6, 0.5), (-0.1, 0.5), (0.5, 1.1)):
        with pytest.raises(EngineError):
            Slice(start, end)
