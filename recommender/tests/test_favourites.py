"""Favourite genres: what can be chosen, and what they do to the ranking of short lists."""

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Anime, AnimeGenre, CatalogueVersion, Genre
from ratings.models import User
from recommender import extras, favourites, serving
from recommender.engine import diversity
from recommender.engine.quiz import QuizModel
from recommender.models import FavouriteGenre
from recommender.serving import Dials
from recommender.tests.worlds import FIRST_ID, TITLES, is_robot, train_all

pytestmark = pytest.mark.django_db

TEA = "Slice of Life"


def like(member: User, *names: str) -> None:
    favourites.choose(member, names, favourites.offered(None))


def ids(member: User, **asked) -> list[int]:
    return [rec.anime_id for rec in serving.recommend(member, **asked)]


@pytest.fixture
def quizzed(trained: list[User]) -> list[User]:
    train_all("quiz")
    return trained


# Choosing


def test_only_genres_of_titles_that_are_shown_can_be_chosen(world) -> None:
    explicit = Genre.objects.create(name="Explicit", kind="explicit")
    hidden = Genre.objects.create(name="Of the hidden")
    Genre.objects.create(name="Of nothing")
    prize = Genre.objects.create(name="Award Winning")
    adult = Anime.objects.create(mal_id=1, title="Behind the Curtain", is_adult=True)
    for genre, pk in ((explicit, FIRST_ID), (hidden, adult.pk), (prize, FIRST_ID)):
        AnimeGenre.objects.create(genre=genre, anime_id=pk)
    assert [genre.name for genre in favourites.offered(None)] == ["Mecha", TEA]


def test_a_trained_quiz_offers_what_it_knows(quizzed) -> None:
    genre = Genre.objects.create(name="Later")
    AnimeGenre.objects.create(genre=genre, anime_id=FIRST_ID)
    model = extras.opened(QuizModel, extras.active_rows([QuizModel])["quiz"])
    assert [genre.name for genre in favourites.offered(model)] == ["Mecha", TEA]
    assert len(favourites.offered(None)) == 3


def test_a_choice_takes_the_place_of_the_one_before(world, newcomer: User) -> None:
    like(newcomer, TEA, "Mecha", TEA)
    assert favourites.names_of(newcomer) == ["Mecha", TEA]
    like(newcomer, TEA)
    assert favourites.names_of(newcomer) == [TEA]
    like(newcomer)
    assert favourites.names_of(newcomer) == []


def test_one_unknown_name_changes_nothing(world, newcomer: User) -> None:
    like(newcomer, "Mecha")
    with pytest.raises(favourites.UnknownGenre):
        like(newcomer, TEA, "Opera")
    assert favourites.names_of(newcomer) == ["Mecha"]


def test_a_genre_that_turns_explicit_counts_no_longer(trained, newcomer: User) -> None:
    plain = ids(newcomer)
    like(newcomer, TEA)
    Genre.objects.filter(name=TEA).update(kind="explicit")
    assert favourites.names_of(newcomer) == []
    newcomer.touch_list()
    assert ids(newcomer) == plain


def test_the_database_refuses_the_same_favourite_twice(world, newcomer: User) -> None:
    genre = Genre.objects.get(name=TEA)
    FavouriteGenre.objects.create(member=newcomer, genre=genre)
    with pytest.raises(IntegrityError), transaction.atomic():
        FavouriteGenre.objects.create(member=newcomer, genre=genre)


# In the ranking


@pytest.mark.parametrize("world_of", ["trained", "quizzed"])
def test_an_empty_list_follows_the_genre_and_says_so(
    request, world_of: str, newcomer: User
) -> None:
    request.getfixturevalue(world_of)
    assert any(map(is_robot, ids(newcomer, top_n=10)))
    like(newcomer, TEA)
    found = serving.recommend(newcomer, top_n=10)
    assert not any(is_robot(rec.anime_id) for rec in found)
    assert all(rec.reason.startswith(f"You like {TEA}") for rec in found)


def test_only_what_has_the_genre_is_recommended_for_it(quizzed, newcomer: User) -> None:
    like(newcomer, TEA)
    for rec in serving.recommend(newcomer, top_n=TITLES):
        assert (f"You like {TEA}" in rec.reason) != is_robot(rec.anime_id)


def test_a_changed_choice_shows_at_once(quizzed, newcomer: User) -> None:
    plain = ids(newcomer)
    like(newcomer, TEA)
    assert not is_robot(ids(newcomer)[0])
    like(newcomer, "Mecha")
    assert is_robot(ids(newcomer)[0])
    like(newcomer)
    assert ids(newcomer) == plain


def test_the_same_choice_again_leaves_what_was_recommended(world, newcomer: User) -> None:
    like(newcomer, TEA)
    version = newcomer.list_version
    like(newcomer, TEA)
    newcomer.refresh_from_db()
    assert newcomer.list_version == version


@pytest.mark.parametrize("watched", [0, 1, 4])
def test_the_sum_behind_a_score_stays_exact(quizzed, newcomer: User, watched: int) -> None:
    for n in range(watched):
        newcomer.rate(Anime.objects.get(pk=FIRST_ID + n), score=5 + n)
    like(newcomer, TEA, "Mecha")
    found = serving.recommend(newcomer, top_n=TITLES)
    features: set[str] = set()
    for rec, told in zip(found, serving.breakdowns(newcomer, found), strict=True):
        total = sum(cause.value for cause in told.causes) + told.remainder
        assert total == pytest.approx(rec.score, abs=1e-5)
        assert told.score == pytest.approx(rec.score, abs=1e-5)
        features |= {cause.feature for cause in told.causes if cause.value}
    assert {"favourite: Mecha", f"favourite: {TEA}", "like_minded"} <= features


def test_a_hardly_begun_list_still_follows_the_genre(quizzed, newcomer: User) -> None:
    for n in range(0, 8, 2):
        newcomer.rate(Anime.objects.get(pk=FIRST_ID + n), score=8)
    before = ids(newcomer, top_n=TITLES)
    like(newcomer, TEA)
    after = ids(newcomer, top_n=TITLES)
    teas = [pk for pk in before if not is_robot(pk)]
    assert sum(map(after.index, teas)) < sum(map(before.index, teas))


def test_favourites_fade_as_the_list_grows_and_are_gone_in_the_end(world, newcomer: User) -> None:
    like(newcomer, TEA)
    strengths = [
        favourites.counted(favourites.names_of(newcomer), watched=n).strength
        for n in (0, 4, 5, 9, 10, 500)
    ]
    assert strengths == [1.0, 0.6, 0.5, pytest.approx(0.1), 0.0, 0.0]
    assert favourites.counted(favourites.names_of(newcomer), watched=10) is favourites.NONE


def test_a_rare_genre_is_put_forward_however_little_it_is_watched(
    trained, newcomer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diversity, "depth", lambda top_n: 5)
    genre = Genre.objects.create(name="Rare")
    last = ids(newcomer, top_n=TITLES)[-1]
    AnimeGenre.objects.create(genre=genre, anime_id=last)
    like(newcomer, "Rare")
    found = {rec.anime_id: rec.reason for rec in serving.recommend(newcomer, top_n=6)}
    assert "You like Rare" in found[last]


def test_rules_and_dials_hold_for_favourites_too(quizzed, newcomer: User) -> None:
    like(newcomer, TEA)
    first = ids(newcomer, top_n=1)[0]
    newcomer.dismiss(Anime.objects.get(pk=first))
    Anime.objects.filter(pk=FIRST_ID + 3).update(is_adult=True)
    CatalogueVersion.advance()
    found = ids(newcomer, top_n=TITLES, dials=Dials(diversity=1, exploration=0.5))
    assert len(found) == len(set(found)) == TITLES - 2
    assert not {first, FIRST_ID + 3} & set(found)


def test_a_lost_quiz_model_leaves_the_genre_itself(quizzed, newcomer: User) -> None:
    row = extras.active_rows([QuizModel])["quiz"]
    (row.path / "shares.npy").write_bytes(b"")
    like(newcomer, TEA)
    found = serving.recommend(newcomer, top_n=10)
    assert not any(is_robot(rec.anime_id) for rec in found)
    assert not any("like_minded" in rec.parts.features for rec in found)
