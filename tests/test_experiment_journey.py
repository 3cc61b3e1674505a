"""A simulated community takes part in a whole experiment, over HTTP alone: from a draft to a decision.

Simulated: each of its members likes robots or tea, has seen the most popular titles of what they like, and takes up
half of what they are shown of it, and nothing else. So whoever shows them what is popular shows them the other half of
the catalogue, and the model that reads lists is truly better.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_django import Settings

from animerec.asgi import requests, together
from ratings.models import Origin, Scope, User, UserAnimeRating
from ratings.tests.keys import key_of
from recommender import serving
from recommender.experiments import exposing
from recommender.models import Exposure, TrainedModel
from recommender.tests.worlds import FIRST_ID, add_members, add_titles, is_robot, train_all
from tests.running import close_connections_of, served_here

pytestmark = pytest.mark.django_db(transaction=True)
SEED, COMMUNITY, SEEN, SHOWN = 20261127, 120, 6, 3


@pytest.fixture
def site(transactional_db: None, settings: Settings, tmp_path: Path) -> Iterator[str]:
    settings.ARTIFACTS_DIR, settings.PRIOR_DIR = tmp_path / "models", tmp_path / "prior"
    settings.API_RATES = {"anon": None, "user": None}
    serving.forget_loaded()
    with served_here(together) as address:
        yield address
    close_connections_of(requests.executor)
    serving.forget_loaded()


class Program:
    """Somebody's program, with their token."""

    def __init__(self, site: str, member: User) -> None:
        self.root, self.member = f"{site}/api/v1/", member
        self.key = key_of(member, scope=Scope.WRITE)

    def ask(self, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.root + path, data, headers)  # noqa: S310  # our own
        try:
            with urllib.request.urlopen(asked) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)


def community() -> list[User]:
    """Each has seen the most popular six of one taste."""
    members = User.objects.bulk_create(
        User(
            username=f"simulated-{n}",
            origin=Origin.SIMULATED,
            external_id=900_000 + n,
            password="!",
        )
        for n in range(COMMUNITY)
    )
    UserAnimeRating.objects.bulk_create(
        UserAnimeRating(user=member, anime_id=FIRST_ID + n % 2 + 2 * k, score=9)
        for n, member in enumerate(members)
        for k in range(SEEN)
    )
    return members


def live(program: Program, likes_robots: bool, rng: np.random.Generator) -> None:
    """Look at the list, and rate a half of what one likes of it."""
    for one in program.ask(f"recommend?top_n={SHOWN}")["results"]:
        shown = one["anime"]["mal_id"]
        if is_robot(shown) == likes_robots and rng.random() < 0.5:
            program.ask("rate", {"anime_id": shown, "score": int(rng.integers(7, 11))})


def test_a_community_finds_out_which_variant_is_better(site: str) -> None:
    add_titles()
    add_members()
    train_all()
    popularity = TrainedModel.objects.get(role="popularity").pk
    curator = Program(site, User.objects.create_superuser("mara"))
    draft = {
        "name": "popular", "hypothesis": "Simulated: what is popular serves members as well.",
        "layer": "ranking", "base_rate": 0.8, "wanted_lift": 0.2, "guardrails": ["disliked"],
        "variants": [
            {"name": "as-it-is", "share": 0.5},
            {"name": "popular", "share": 0.5, "model": popularity},
        ],
    }  # fmt: skip
    assert curator.ask("experiments", draft)["state"] == "draft"
    assert curator.ask("experiments", draft)["fields"] == {"name": ["There is one of this name."]}
    early = curator.ask("experiments/popular", {"to": "decided"})
    assert early["fields"]["to"] == ["popular is draft: it cannot become decided."]
    assert curator.ask("experiments/popular", {"to": "running"})["members_needed"] > COMMUNITY

    rng, members = np.random.default_rng(SEED), community()
    for n, member in enumerate(members):
        live(Program(site, member), n % 2 == 0, rng)

    told = curator.ask("experiments/popular")["report"]
    assert sum(one["members"] for one in told["variants"]) == COMMUNITY
    assert Exposure.objects.count() == COMMUNITY * SHOWN
    assert not told["shares"]["is_mismatch"]
    (found,) = told["primary"]
    assert (found["variant"], found["is_found"], found["is_better"]) == ("popular", True, False)
    assert found["any_time"][-1]["high"] < 0
    assert told["says"][0].startswith("popular is worse: ")

    curator.ask("experiments/popular", {"to": "stopped", "said": "Seen enough."})
    decided = curator.ask("experiments/popular", {"to": "decided", "winner": "as-it-is"})
    assert (decided["state"], decided["winner"]) == ("decided", "as-it-is")
    changes = curator.ask("experiments/popular")["changes"]
    assert [(one["state"], one["by"]) for one in changes] == [
        ("running", "mara"), ("stopped", "mara"), ("decided", "mara"),
    ]  # fmt: skip
    # It is over: what is shown now is counted nowhere.
    curator.ask("recommend")
    assert exposing.spool.empty() == 0
