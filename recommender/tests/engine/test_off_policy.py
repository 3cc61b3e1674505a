"""What another policy would have come to."""

import numpy as np
import pytest

from recommender.engine.experiments.off_policy import off_policy
from recommender.engine.interactions import EngineError


def logged(rng: np.random.Generator, members: int) -> tuple[np.ndarray, ...]:
    """Each member sees ten titles of four kinds, drawn by the old policy; kinds are liked by 10 to 40 %."""
    old, new = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])
    kind = rng.choice(4, (members, 10), p=old)
    mood = rng.normal(0, 0.05, (members, 1))
    liked = rng.random((members, 10)) < np.clip(np.array([0.1, 0.2, 0.3, 0.4])[kind] + mood, 0, 1)
    whose = np.repeat(np.arange(members), 10)
    return liked.ravel().astype(float), old[kind].ravel(), new[kind].ravel(), whose


def test_both_find_what_the_other_policy_would_have_come_to() -> None:
    found = off_policy(*logged(np.random.default_rng(2), 3000))
    # Σ new · liked = 0.01 + 0.04 + 0.09 + 0.16
    for arm in (found.ips, found.snips):
        assert abs(arm.value - 0.3) < 3 * np.sqrt(arm.variance) < 0.03
    assert 0 < found.effective < 30_000


def test_their_errors_are_those_of_members_drawn_anew() -> None:
    rng = np.random.default_rng(4)
    told = [off_policy(*logged(rng, 300)) for _ in range(400)]
    for name in ("ips", "snips"):
        values = [getattr(one, name).value for one in told]
        claimed = np.mean([getattr(one, name).variance for one in told])
        assert np.sqrt(claimed) == pytest.approx(np.std(values), rel=0.12)


def test_the_same_policy_comes_to_what_was_seen() -> None:
    liked, old, _, whose = logged(np.random.default_rng(2), 50)
    found = off_policy(liked, old, old, whose)
    assert found.ips.value == found.snips.value == pytest.approx(liked.mean())
    assert found.effective == pytest.approx(500)


def test_a_weight_is_clipped_and_what_had_no_chance_is_refused() -> None:
    assert off_policy([1, 1], [0.001, 0.5], [0.9, 0.5], [1, 2], clip=10).ips.value == 5.5
    for wrong in (([1], [0.0], [0.5], [1]), ([1], [0.5], [-0.1], [1]), ([], [], [], [])):
        with pytest.raises(EngineError):
            off_policy(*wrong)
    with pytest.raises(EngineError, match="nothing"):
        off_policy([1, 0], [0.5, 0.5], [0, 0], [1, 2])
