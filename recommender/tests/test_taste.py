"""What a member sees of their taste, and what their word against it does."""

import re

import numpy as np
import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Anime, Genre
from ratings.models import User
from recommender import datasets, taste
from recommender.engine.base import Fitted, Ranked
from recommender.engine.clustering import ClusterConfig, Clusters
from recommender.engine.taste import TasteModel
from recommender.models import TasteCorrection, TrainedModel
from recommender.tests.worlds import FIRST_ID, TITLES, is_robot
from recommender.training import keep

pytestmark = pytest.mark.django_db

TASTE, CORRECT = reverse("recommender:taste"), reverse("recommender:taste-correct")
HTMX = {"HX-Request": "true"}
MECHA = {"kind": "genre", "name": "Mecha"}
ROBOTS = [pk for pk in range(FIRST_ID, FIRST_ID + TITLES) if is_robot(pk)]


def publish(model: Fitted) -> TrainedModel:
    row = keep(
        model.fit(datasets.read_interactions(), datasets.read_features()),
        datasets.read_interactions(),
    )
    row.activate()
    return row


@pytest.fixture
def learned(world: list[User]) -> TrainedModel:
    return publish(TasteModel())


@pytest.fixture
def fan(newcomer: User) -> User:
    """Watched fifteen robots, and gave them tens; and one tea, a five."""
    for anime in Anime.objects.filter(pk__in=ROBOTS):
        newcomer.rate(anime, score=10)
    newcomer.rate(Anime.objects.get(pk=FIRST_ID + 1), score=5)
    return newcomer


@pytest.fixture
def page(learned: TrainedModel, fan: User, client: Client) -> Client:
    client.force_login(fan)
    return client


# The page


def test_a_guest_reads_what_the_page_is_and_where_to_sign_in(client: Client) -> None:
    text = client.get(TASTE).text
    assert "What this site learns of your taste" in text
    assert f'href="{reverse("ratings:sign-in")}?next=/taste/"' in text
    assert "taste__table" not in text


def test_before_any_training_the_page_says_so(as_newcomer: Client) -> None:
    page = as_newcomer.get(TASTE)
    assert page.status_code == 200
    assert "no taste model is trained" in page.text


def test_what_is_sure_is_said_in_a_sentence_with_how_sure(page: Client) -> None:
    text = page.get(TASTE).text
    assert re.search(r"You watch <b>Mecha</b> 1\.\d times as often as others do\.", text)
    assert re.search(r'<span class="muted">9\d(\.\d)? % sure</span>', text)


def test_each_trait_has_its_numbers_beside_its_bar(page: Client) -> None:
    text = page.get(TASTE).text
    row = re.search(r'<tr id="trait-genre-mecha-\d+">.*?</tr>', text, re.DOTALL)
    assert row is not None
    assert '<th scope="row">Mecha</th>' in row[0]
    assert '<td class="taste__number">15</td>' in row[0]
    assert re.search(r"[+−]?\d\.\d</span> <span[^>]*>[+−]?\d\.\d to [+−]?\d\.\d<", row[0])
    assert 'aria-hidden="true"' in row[0]
    assert "style=" not in text


def test_an_empty_list_is_told_what_to_do(learned, as_newcomer: Client) -> None:
    text = as_newcomer.get(TASTE).text
    assert "Nothing is sure yet" in text
    assert "Your list is empty" in text


def test_explicit_genres_are_not_shown(page: Client) -> None:
    Genre.objects.filter(name="Mecha").update(kind="explicit")
    text = page.get(TASTE).text
    assert "Mecha" not in text
    assert "Slice of Life" in text


def test_only_the_first_of_many_are_shown_until_all_are_asked_for(
    world, fan: User, client: Client
) -> None:
    for number in range(20):
        genre = Genre.objects.create(name=f"Extra {number:02}")
        genre.anime.add(*ROBOTS)
    publish(TasteModel())
    client.force_login(fan)
    short, whole = client.get(TASTE), client.get(TASTE, {"all": "genre"})
    assert len(short.context["shelves"][0].rows) == 12
    assert "10 more genres" in short.text
    assert len(whole.context["shelves"][0].rows) == 22


def test_the_group_that_the_list_belongs_to_is_named(page: Client) -> None:
    assert "Your list is nearest to" not in page.get(TASTE).text
    publish(Clusters(config=ClusterConfig(fewest=2, most=3)))
    assert re.search(
        r"nearest to the members of <b>[^<]*Mecha[^<]*</b>, \d+ % of all", page.get(TASTE).text
    )


def test_a_lost_artifact_does_not_take_the_page_down(page: Client, learned: TrainedModel) -> None:
    row = publish(TasteModel())
    (row.path / "shares.npy").unlink()
    assert "no taste model is trained" in page.get(TASTE).text


def test_the_page_asks_few_questions_whatever_the_list(page: Client, fan: User) -> None:
    publish(Clusters())
    page.get(TASTE)
    with CaptureQueriesContext(connection) as queries:
        page.get(TASTE)
    few = len(queries)
    assert few <= 8, [query["sql"] for query in queries]
    for anime in Anime.objects.all():
        fan.rate(anime, score=7)
    page.get(TASTE)
    with CaptureQueriesContext(connection) as queries:
        page.get(TASTE)
    assert len(queries) == few


# The list behind it


def test_a_new_score_counts_at_once_and_comes_to_the_same_as_from_scratch(
    learned: TrainedModel, fan: User
) -> None:
    before = taste.taste_of(fan)
    fan.rate(Anime.objects.get(pk=ROBOTS[0]), score=1)
    fan.forget(Anime.objects.get(pk=ROBOTS[1]))
    followed = taste.taste_of(fan)
    cache.clear()
    scratch = taste.taste_of(fan)
    assert before is not None
    assert followed is not None
    assert scratch is not None
    assert (followed.mean != before.mean).any()
    assert followed.mean.tobytes() == scratch.mean.tobytes()
    assert followed.lift.tobytes() == scratch.lift.tobytes()


def test_an_unchanged_list_is_not_read_again(learned: TrainedModel, fan: User) -> None:
    taste.taste_of(fan)
    with CaptureQueriesContext(connection) as queries:
        taste.taste_of(fan)
    assert not [query for query in queries if "ratings_useranimerating" in query["sql"]]


# Their word against it


def test_less_more_and_undo(page: Client, fan: User) -> None:
    def now() -> list[int]:
        return list(fan.taste_corrections.values_list("value", flat=True))

    for change, expected in [
        ("less", [-1]),
        ("less", [-2]),
        ("less", [-2]),
        ("more", [-1]),
        ("more", []),
        ("more", [1]),
        ("undo", []),
    ]:
        answer = page.post(CORRECT, {**MECHA, "change": change})
        assert answer["Location"] == TASTE
        assert now() == expected, change


def test_a_correction_moves_the_bar_and_says_so_without_javascript(page: Client) -> None:
    def points() -> str:
        (row,) = [r for r in page.get(TASTE).context["shelves"][0].rows if r.name == "Mecha"]
        return row.points

    before = points()
    text = page.post(CORRECT, {**MECHA, "change": "less"}, follow=True).text
    assert "Less of Mecha. Your recommendations follow." in text
    assert "Less, by your word" in text
    assert points() != before
    page.post(CORRECT, {**MECHA, "change": "undo"})
    assert points() == before


def test_htmx_gets_the_changed_part_alone(page: Client) -> None:
    text = page.post(CORRECT, {**MECHA, "change": "more"}, headers=HTMX).text
    assert text.startswith('<div class="taste" id="taste">')
    assert "More, by your word" in text
    assert "<html" not in text


def test_a_correction_makes_what_was_recommended_old(page: Client, fan: User) -> None:
    before = fan.list_version
    page.post(CORRECT, {**MECHA, "change": "less"})
    fan.refresh_from_db()
    assert fan.list_version > before
    page.post(CORRECT, {"kind": "genre", "name": "Slice of Life", "change": "undo"})
    version = fan.list_version
    fan.refresh_from_db()
    assert fan.list_version == version


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"kind": "genre", "name": "Opera", "change": "less"},
        {"kind": "mood", "name": "Mecha", "change": "less"},
        {"kind": "genre", "name": "Mecha", "change": "destroy"},
        {"kind": "genre", "name": "x" * 5000, "change": "more"},
        {"kind": "genre", "name": "M\0", "change": "less"},
        {"kind": "genre", "name": "M\0", "change": "undo"},
    ],
)
def test_what_is_not_known_is_not_corrected(page: Client, asked: dict) -> None:
    assert page.post(CORRECT, asked).status_code == 404
    assert not TasteCorrection.objects.exists()


def test_a_guest_corrects_too_and_everybody_only_by_post(page: Client, client: Client) -> None:
    assert page.get(CORRECT).status_code == 405
    client.logout()
    assert client.post(CORRECT, {**MECHA, "change": "less"})["Location"] == TASTE
    assert TasteCorrection.objects.get().member.is_guest


@pytest.mark.parametrize("value", [-3, 0, 3])
def test_the_database_refuses_what_is_no_step(newcomer: User, value: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        newcomer.taste_corrections.create(kind="genre", name="Mecha", value=value)


def test_the_database_refuses_a_second_word_on_one_trait(newcomer: User) -> None:
    newcomer.taste_corrections.create(kind="genre", name="Mecha", value=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        newcomer.taste_corrections.create(kind="genre", name="Mecha", value=2)


# In the ranking


def candidates() -> Ranked:
    ids = np.arange(FIRST_ID, FIRST_ID + TITLES)
    return Ranked(ids, np.linspace(2, 1, TITLES).astype(np.float32))


def test_without_corrections_nothing_is_added_and_nothing_loaded(
    learned: TrainedModel, fan: User
) -> None:
    with CaptureQueriesContext(connection) as queries:
        values, names = taste.ranking_terms(fan, candidates())
    assert values.shape == (TITLES, 0)
    assert list(names) == []
    assert len(queries) == 1


def test_a_correction_is_a_named_term_of_just_those_titles(
    learned: TrainedModel, fan: User
) -> None:
    taste.correct(fan, kind="genre", name="Mecha", change="less")
    once, names = taste.ranking_terms(fan, candidates())
    assert list(names) == ["your correction: Mecha"]
    robots = np.array([is_robot(int(pk)) for pk in candidates().ids])
    assert (once[robots] < 0).all()
    assert (once[~robots] == 0).all()
    taste.correct(fan, kind="genre", name="Mecha", change="less")
    twice, _ = taste.ranking_terms(fan, candidates())
    assert (twice[robots] < once[robots]).all()


def test_a_correction_of_what_is_no_longer_known_does_no_harm(
    learned: TrainedModel, fan: User
) -> None:
    fan.taste_corrections.create(kind="studio", name="Gone", value=1)
    values, names = taste.ranking_terms(fan, candidates())
    assert values.shape == (TITLES, 0)
    assert list(names) == []
    assert taste.correct(fan, kind="studio", name="Gone", change="undo") == 0
    assert not fan.taste_corrections.exists()
