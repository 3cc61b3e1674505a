"""What the models say beside a title: how it meets a taste, why others are like it, what is around."""

import json
import re

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from catalog.models import Anime, TitleSynonym
from ratings.models import User
from recommender import datasets, fitting, likeness_words, serving, taste
from recommender.engine.content import Content
from recommender.network import Network, Tie, network_of
from recommender.network_chart import ROOM, chart_of
from recommender.serving import Breakdown, Cause
from recommender.tests.worlds import FIRST_ID, is_robot, make_sequel, train_all

ROBOT = FIRST_ID + 4
HTMX = {"HX-Request": "true"}
BAD = "<img src=x onerror=alert(1)></script>"


def address(name: str, mal_id: int = ROBOT) -> str:
    return reverse(f"recommender:{name}", args=[mal_id])


def get(client: Client, name: str, mal_id: int = ROBOT) -> str:
    return client.get(address(name, mal_id), headers=HTMX).text


def title(pk: int) -> Anime:
    return Anime.objects.get(pk=pk)


@pytest.fixture
def fan(trained: list[User], newcomer: User) -> User:
    """Likes robots, and gave the one that is looked at a 9."""
    for place, score in enumerate((9, 8, 10, 7, 9, 6)):
        newcomer.rate(title(FIRST_ID + 2 * place), score=score)
    newcomer.rate(title(ROBOT), score=9)
    return newcomer


@pytest.fixture
def as_fan(client: Client, fan: User) -> Client:
    client.force_login(fan)
    return client


# How it meets the member's taste


def test_a_score_is_foretold_from_the_rest_of_the_list(as_fan: Client, fan: User) -> None:
    found = serving.fit(fan, ROBOT)
    assert found is not None
    page = get(as_fan, "fit")
    said = f"{found.predicted:.1f}"
    assert f"You gave it a 9; from the rest of your list we would have said {said}." in page
    assert "<html" not in page


def test_its_own_score_does_not_speak_for_it(fan: User) -> None:
    before = serving.fit(fan, ROBOT)
    fan.rate(title(ROBOT), score=1)
    after = serving.fit(fan, ROBOT)
    fan.forget(title(ROBOT))
    never = serving.fit(fan, ROBOT)
    assert before is not None
    assert after is not None
    assert never is not None
    assert before.breakdown == after.breakdown == never.breakdown
    assert before.predicted == after.predicted == never.predicted
    assert [found.given for found in (before, after, never)] == [9, 1, None]
    assert ROBOT not in {cause.anime_id for cause in before.breakdown.causes}


@pytest.mark.parametrize("is_listed", [True, False])
def test_the_sum_is_exact_and_is_what_ranks_it(fan: User, is_listed: bool) -> None:
    if not is_listed:
        fan.forget(title(ROBOT))
    found = serving.fit(fan, ROBOT)
    assert found is not None
    told = found.breakdown
    total = sum(cause.value for cause in told.causes) + told.remainder
    assert total == pytest.approx(told.score, abs=1e-5)
    list_ = datasets.read_list(fan)
    ranker = serving.model_of()
    scores = ranker.score(list_.at(list_.items != ROBOT))
    place = ranker.vocabulary.positions([ROBOT])[0]
    assert told.score == pytest.approx(float(scores[place]), abs=1e-5)


def causes(*values: float) -> Breakdown:
    found = [Cause("title", n, f"T{n}", 7, 0.0, value) for n, value in enumerate(values)]
    found.sort(key=lambda cause: -cause.value)
    return Breakdown(sum(values), tuple(found), 0.0)


@pytest.mark.parametrize(
    "values",
    [(1, 1, 1), (0.3, -0.1), (1e-9, 5, 3, -4, -4), (-2, -1), tuple(range(-12, 15)), (7,)],
)
def test_shares_add_up_to_a_hundred(values: tuple[float, ...]) -> None:
    up, down = fitting.shares(causes(*values))
    assert sum(share.percent for share in (*up, *down)) == 100
    assert len(up) <= fitting.UP_SHOWN + 1
    assert len(down) <= fitting.DOWN_SHOWN + 1


def test_what_counts_most_comes_first_and_the_rest_as_one() -> None:
    up, down = fitting.shares(causes(50, 20, 8, 7, 6, 1, 1, -5, -2))
    assert [share.percent for share in up] == [50, 20, 8, 7, 6, 2]
    assert up[-1].words == "2 more"
    assert [share.words for share in down] == ["You gave T7 a 7", "You gave T8 a 7"]


def test_nothing_counted_is_nothing_shown() -> None:
    assert fitting.shares(causes()) == ([], [])


def test_what_of_the_taste_it_meets_is_said_with_its_sureness(as_fan: Client, fan: User) -> None:
    train_all("taste")
    serving.forget_loaded()
    for n in range(12, 30, 2):
        fan.rate(title(FIRST_ID + n), score=9)
    claims = taste.claims_about(fan, ROBOT, serving.active_models()["taste"])
    assert {claim.name for claim in claims} <= {"Mecha", "tv"}
    page = get(as_fan, "fit")
    assert ("% sure" in page) is bool(claims)
    assert "Slice of Life" not in page


def test_a_visitor_is_invited_to_say_what_they_like(trained, client: Client) -> None:
    page = get(client, "fit")
    assert reverse("recommender:quiz") in page
    assert "% " not in page


def test_a_list_without_scores_is_told_what_is_missing(
    trained, client: Client, newcomer: User
) -> None:
    client.force_login(newcomer)
    assert "Your list has no scores to go by yet" in get(client, "fit")
    newcomer.rate(title(ROBOT), score=8)
    assert "Nothing else on your list has a score" in get(client, "fit")


def test_before_any_training_nothing_is_foretold(world, client: Client, newcomer: User) -> None:
    client.force_login(newcomer)
    assert "No model knows this title yet" in get(client, "fit")


def test_the_answer_is_kept_until_the_list_changes(as_fan: Client, fan: User) -> None:
    first = get(as_fan, "fit")
    assert get(as_fan, "fit") == first
    fan.rate(title(FIRST_ID + 20), score=10)
    fan.rate(title(ROBOT), score=3)
    assert "You gave it a 3" in get(as_fan, "fit")


# Why others are like it


def test_parts_of_likeness_add_up_to_the_likeness(trained) -> None:
    content = serving.model_of("content")
    assert isinstance(content, Content)
    others = np.arange(len(content.vocabulary))
    parts = content.similarity_parts(4, others)
    assert parts.sum(axis=1) == pytest.approx(content.item_similarities(4), abs=1e-5)


def test_the_shares_of_members_and_content_are_those_of_the_ranks(trained) -> None:
    models = serving.active_models()
    allowed = Anime.objects.exclude(pk=ROBOT).values_list("pk", flat=True)
    ranks = {}
    for kind in ("ease", "content"):
        model = serving.model_of(kind)
        mask = np.isin(model.vocabulary.ids, list(allowed))
        ids = model.similar_items(ROBOT, 100, mask).ids.tolist()
        ranks[kind] = {pk: 1 / (20 + place) for place, pk in enumerate(ids)}
    for found in serving.similar(ROBOT, models=models):
        own = {kind: places.get(found.anime_id, 0.0) for kind, places in ranks.items()}
        assert found.score == pytest.approx(sum(own.values()))
        assert found.watched == pytest.approx(own["ease"] / sum(own.values()))
        assert bool(found.alike) is (own["content"] > 0)


def test_each_card_says_what_makes_it_alike(trained, client: Client) -> None:
    page = get(client, "similar")
    assert page.count('class="alike"') == 12
    assert "atched by the same members" in page
    assert "like in " in page


@pytest.mark.parametrize(
    ("watched", "alike", "said"),
    [
        (1.0, (), "Watched by the same members"),
        (0.0, ("genre",), "Alike in genres"),
        (0.7, ("genre", "synopsis"), "Watched by the same members, and alike in genres and story"),
        (0.2, ("title", "era", "type"), "Alike in name, years and kind, and watched by the same members"),
        (0.0, (), "Alike in what is told of them"),
    ],
)  # fmt: skip
def test_likeness_in_words(watched: float, alike: tuple[str, ...], said: str) -> None:
    assert likeness_words.why(watched, alike) == said


def test_a_title_hidden_since_is_no_longer_shown_as_similar(trained, client: Client) -> None:
    first = serving.similar(ROBOT)[0].anime_id
    assert f"/anime/{first}/" in get(client, "similar")
    Anime.objects.filter(pk=first).update(is_adult=True)
    assert f"/anime/{first}/" not in get(client, "similar")


# What stands around it


def network(pk: int = ROBOT) -> Network:
    return network_of(title(pk), serving.active_models())


def test_relations_come_first_and_all_are_tied_to_the_middle(trained) -> None:
    make_sequel(ROBOT, FIRST_ID + 1)
    found = network()
    assert found.titles[0].pk == ROBOT
    assert found.titles[1].pk == FIRST_ID + 1
    assert found.ties[0, 1].relation == "Sequel"
    assert len({anime.pk for anime in found.titles}) == len(found.titles) <= 25
    assert all((0, place) in found.ties for place in range(1, len(found.titles)))
    assert all(is_robot(anime.pk) for anime in found.titles[2:8])


def test_a_relation_is_read_from_the_middle_outwards(trained) -> None:
    make_sequel(FIRST_ID + 1, ROBOT)
    assert network().ties[0, 1].relation == "Prequel"


def test_ties_beside_the_middle_are_there_too(trained) -> None:
    assert any(0 not in pair for pair in network().ties)


def test_hidden_titles_stand_nowhere(trained) -> None:
    make_sequel(ROBOT, FIRST_ID + 1)
    near = network().titles[2].pk
    Anime.objects.filter(pk=FIRST_ID + 1).update(is_adult=True)
    Anime.objects.filter(pk=near).update(is_stub=True)
    cache.clear()
    assert not {FIRST_ID + 1, near} & {anime.pk for anime in network().titles}


def test_the_words_of_a_tie_say_all_of_it() -> None:
    assert Tie("Sequel", True, ("genre",)).words == (
        "Sequel, and watched by the same members, and alike in genres"
    )
    assert [Tie("Sequel", True).kind, Tie(watched=True).kind, Tie(alike=()).kind] == [
        "related",
        "watched",
        "alike",
    ]


def test_figure_and_table_tell_the_same(trained) -> None:
    found = network()
    chart = chart_of(found)
    assert chart is not None
    assert {trace["type"] for trace in chart.figure["data"]} == {"scatter"}
    points = next(t for t in chart.figure["data"] if t["mode"] == "markers+text")
    assert points["customdata"][1:] == [row[0].href for row in chart.rows]
    assert points["text"][1:] == [str(row[1]) for row in chart.rows]
    lines = [t for t in chart.figure["data"] if t["mode"] == "lines"]
    assert sum(len(line["x"]) // 3 for line in lines) == len(found.ties)
    assert len({(t["line"]["color"], t["line"]["dash"]) for t in lines}) == len(lines)


def test_no_name_lies_over_another_at_the_least_width(trained) -> None:
    chart = chart_of(network())
    assert chart is not None
    names = chart.figure["data"][-1]
    boxes = [
        (x, y, 6.4 * len(text))
        for x, y, text in zip(names["x"], names["y"], names["text"], strict=True)
    ]
    assert len(boxes) > 10
    for n, (x, y, width) in enumerate(boxes):
        for other_x, other_y, other_width in boxes[:n]:
            assert abs(x - other_x) >= (width + other_width) / 2 or abs(y - other_y) >= 14
    left, right = chart.figure["layout"]["xaxis"]["range"]
    assert right - left <= ROOM


def test_the_fragment_is_deterministic_and_escaped(trained, client: Client) -> None:
    Anime.objects.filter(pk=ROBOT + 2).update(title=BAD)
    TitleSynonym.objects.create(anime_id=ROBOT, name=BAD)
    page = get(client, "network")
    assert "<img src=x" not in page
    assert page.count("</script>") == 1
    told = re.search(r'<script id="network-figure"[^>]*>(.*?)</script>', page, re.S)
    assert told
    # Nor would Plotly take it for markup.
    texts = [text for trace in json.loads(told[1])["data"] for text in trace.get("hovertext", ())]
    assert any("&lt;img src=x" in text for text in texts)
    assert not any("<img" in text for text in texts)
    cache.clear()
    assert get(client, "network") == page


def test_the_network_is_a_file_too(trained, client: Client) -> None:
    Anime.objects.filter(pk=ROBOT + 2).update(title="=1+1")
    lines = client.get(address("network-csv")).text.splitlines()
    assert lines[0].endswith("Title,No.,Why,Watched together,Alike,On lists,Also tied to")
    assert len(lines) > 10
    assert any(line.startswith("'=1+1,") for line in lines)


def test_with_little_known_a_sentence_stands_for_the_chart(world, client: Client) -> None:
    assert "Too little is known yet" in get(client, "network")
    assert client.get(address("network-csv")).text.count("\n") == 1


# Everywhere


@pytest.mark.parametrize("name", ["fit", "network", "network-csv", "similar"])
@pytest.mark.parametrize("mal_id", [1, 0, 9_000_101, 9_000_102, 2**31, 2**63, 10**30])
def test_unknown_and_hidden_titles_are_not_found(
    client: Client, hidden_titles: list[Anime], name: str, mal_id: int
) -> None:
    assert client.get(address(name, mal_id)).status_code == 404


@pytest.mark.parametrize("name", ["fit", "network"])
def test_without_htmx_each_part_is_a_page(as_fan: Client, name: str) -> None:
    page = as_fan.get(address(name)).text
    assert "<html" in page
    assert f'<a href="/anime/{ROBOT}/">' in page


@pytest.mark.parametrize("name", ["fit", "network", "similar"])
def test_each_part_keeps_to_its_queries(
    as_fan: Client, name: str, django_assert_max_num_queries
) -> None:
    train_all("taste")
    # What each process reads once is held from then on.
    get(as_fan, name)
    cache.clear()
    # The first answer is worked out, the second kept.
    for most in (12, 10):
        with django_assert_max_num_queries(most):
            get(as_fan, name)
