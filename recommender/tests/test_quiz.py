"""The quiz as members take it: what is asked, what an answer does, how it ends."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Anime, AnimeGenre, Genre
from ratings.models import User
from recommender import extras, favourites, quiz, serving
from recommender.engine.quiz import QuizModel
from recommender.models import FavouriteGenre, NotSeen
from recommender.tests.worlds import FIRST_ID, TITLES, is_robot, train_all

pytestmark = pytest.mark.django_db

QUIZ, GENRES = reverse("recommender:quiz"), reverse("recommender:quiz-genres")
FOR_YOU = reverse("recommender:for-you")
HTMX = {"HX-Request": "true"}
ALL = list(range(FIRST_ID, FIRST_ID + TITLES))


@pytest.fixture
def quizzed(trained: list[User]) -> list[User]:
    train_all("quiz")
    return trained


@pytest.fixture
def page(quizzed: list[User], as_newcomer: Client) -> Client:
    return as_newcomer


def title(pk: int) -> Anime:
    return Anime.objects.get(pk=pk)


def not_seen(pk: int) -> str:
    return reverse("recommender:not-seen", args=[pk])


def undo(pk: int) -> str:
    return reverse("recommender:undo-not-seen", args=[pk])


def asked(page) -> list[int]:
    return [anime.pk for anime in page.context["cards"]]


def next_of(member: User, n: int = TITLES, shown: tuple[int, ...] = ()) -> list[int]:
    return quiz.Quiz(member).next_titles(n, shown)


# What is asked


def test_an_answer_changes_what_is_asked_next(quizzed, newcomer: User) -> None:
    before = next_of(newcomer)
    newcomer.rate(title(before[0]), score=9)
    after = next_of(newcomer)
    assert sorted(before) == ALL
    assert after != before[1:]
    assert sorted(after) == sorted(before[1:])


def test_what_is_on_the_list_planned_dismissed_or_not_seen_is_not_asked(
    quizzed, newcomer: User
) -> None:
    newcomer.rate(title(ALL[0]), score=9)
    newcomer.set_status(title(ALL[1]), "dropped")
    newcomer.set_status(title(ALL[2]), "planned")
    newcomer.dismiss(title(ALL[3]))
    quiz.say_not_seen(newcomer, [ALL[4]])
    assert sorted(next_of(newcomer)) == ALL[5:]


def test_plans_and_dismissals_tell_the_quiz_nothing(quizzed, newcomer: User) -> None:
    before = next_of(newcomer)
    newcomer.set_status(title(before[-1]), "planned")
    newcomer.dismiss(title(before[-2]))
    # What is left keeps its order up to there: the two were asked last.
    assert next_of(newcomer)[:10] == before[:10]


@pytest.mark.parametrize("world_of", ["world", "quizzed"])
def test_adult_and_undescribed_titles_are_never_asked(
    request, world_of: str, newcomer: User
) -> None:
    request.getfixturevalue(world_of)
    Anime.objects.filter(pk=ALL[0]).update(is_adult=True)
    Anime.objects.filter(pk=ALL[1]).update(is_stub=True)
    assert sorted(next_of(newcomer)) == ALL[2:]
    assert not {ALL[0], ALL[1]} & set(next_of(newcomer, 5, (ALL[0], ALL[1])))


def test_before_any_training_the_most_watched_are_asked(world, newcomer: User) -> None:
    assert next_of(newcomer, 3) == ALL[:3]
    newcomer.rate(title(ALL[0]), score=9)
    quiz.say_not_seen(newcomer, [ALL[1]])
    assert next_of(newcomer, 3) == ALL[2:5]


def test_a_damaged_quiz_model_is_as_none(quizzed, newcomer: User) -> None:
    row = extras.active_rows([QuizModel])["quiz"]
    (row.path / "pool.npy").write_bytes(b"nonsense")
    now = quiz.Quiz(newcomer)
    assert now.model is None
    assert now.trained_at is None
    assert now.next_titles(3) == ALL[:3]


def test_titles_that_are_shown_and_open_keep_their_places(quizzed, newcomer: User) -> None:
    shown = next_of(newcomer, 5)
    quiz.say_not_seen(newcomer, [shown[1]])
    newcomer.rate(title(shown[3]), score=2)
    after = next_of(newcomer, 5, tuple(shown))
    assert [after[place] for place in (0, 2, 4)] == [shown[place] for place in (0, 2, 4)]
    assert len(set(after)) == 5
    assert after[1] not in shown
    assert after[3] not in shown
    assert after[1] == next(pk for pk in next_of(newcomer) if pk not in after[::2])


def test_the_last_questions_do_not_leave_holes(quizzed, newcomer: User) -> None:
    shown = next_of(newcomer, 5)
    quiz.say_not_seen(newcomer, [pk for pk in ALL if pk not in (shown[0], shown[4])])
    assert next_of(newcomer, 5, tuple(shown)) == [shown[0], shown[4]]


# Not seen


def test_not_seen_said_twice_is_said_once_and_can_be_undone(page: Client, newcomer: User) -> None:
    for _ in range(2):
        assert page.post(not_seen(ALL[0]))["Location"] == QUIZ
    assert NotSeen.objects.count() == 1
    assert ALL[0] not in next_of(newcomer)
    for _ in range(2):
        assert page.post(undo(ALL[0]))["Location"] == QUIZ
    assert ALL[0] in next_of(newcomer)


def test_a_title_that_comes_on_the_list_makes_not_seen_moot(page: Client, newcomer: User) -> None:
    page.post(not_seen(ALL[0]))
    assert title(ALL[0]).title in page.get(QUIZ).text
    newcomer.rate(title(ALL[0]), score=7)
    assert quiz.answers_of(newcomer).not_seen.tolist() == []
    assert not page.get(QUIZ).context["said"]
    newcomer.forget(title(ALL[0]))
    assert quiz.answers_of(newcomer).not_seen.tolist() == [ALL[0]]


def test_not_seen_leaves_the_recommendations_alone(page: Client, newcomer: User) -> None:
    newcomer.rate(title(ALL[0]), score=9)
    before = [(rec.anime_id, rec.score) for rec in serving.recommend(newcomer)]
    page.post(not_seen(ALL[2]))
    newcomer.refresh_from_db()
    assert [(rec.anime_id, rec.score) for rec in serving.recommend(newcomer)] == before


def test_the_database_refuses_the_same_answer_twice(world, newcomer: User) -> None:
    NotSeen.objects.create(member=newcomer, anime_id=ALL[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        NotSeen.objects.create(member=newcomer, anime_id=ALL[0])


@pytest.mark.parametrize("mal_id", [1, 9_000_101, 9_000_102, 10**30])
def test_unknown_and_hidden_titles_are_not_answered(
    as_newcomer: Client, hidden_titles: list[Anime], mal_id: int
) -> None:
    assert as_newcomer.post(not_seen(mal_id)).status_code == 404
    assert as_newcomer.post(undo(mal_id)).status_code == 404
    assert not NotSeen.objects.exists()


# The page


def test_a_stranger_is_asked_at_once_and_by_a_look_becomes_nobody(
    quizzed: list[User], newcomer: User, client: Client
) -> None:
    before = User.objects.count()
    answer = client.get(QUIZ)
    assert asked(answer) == next_of(newcomer, 5)
    assert "It takes no account." in answer.text
    assert User.objects.count() == before


@pytest.mark.parametrize("address", [GENRES, not_seen(ALL[0]), undo(ALL[0])])
def test_it_is_answered_only_by_post(world, client: Client, newcomer: User, address: str) -> None:
    assert client.get(address).status_code == 405
    client.force_login(newcomer)
    assert client.get(address).status_code == 405
    assert not User.objects.filter(origin="guest").exists()
    assert not NotSeen.objects.exists()
    assert not FavouriteGenre.objects.exists()


def test_five_titles_are_asked_each_with_three_ways_to_answer(page: Client) -> None:
    answer = page.get(QUIZ)
    assert len(asked(answer)) == 5
    for anime in answer.context["cards"]:
        for route in ("ratings:rate", "ratings:status"):
            assert f'action="{reverse(route, args=[anime.pk])}"' in answer.text
        assert f'action="{not_seen(anime.pk)}"' in answer.text
    assert answer.text.count('class="scores__one"') == 50
    assert "style=" not in answer.text
    assert "<script>" not in answer.text


def test_a_score_is_an_ordinary_rating_and_comes_back_to_the_quiz(
    page: Client, newcomer: User
) -> None:
    first = page.get(QUIZ)
    rated, here = asked(first)[2], first.context["here"]
    data = {"score": "9", "shape": "next", "next": here}
    answer = page.post(reverse("ratings:rate", args=[rated]), data, follow=True)
    assert newcomer.list_entries.get(anime=rated).score == 9
    assert "You gave it a 9." in answer.text
    assert "One of five titles you know" in answer.text
    others = [pk for pk in asked(first) if pk != rated]
    assert [pk for pk in asked(answer) if pk in others] == others
    assert asked(answer)[2] not in asked(first)


def test_htmx_is_led_to_the_changed_part_alone(page: Client, newcomer: User) -> None:
    first = page.get(QUIZ)
    data = {"status": "completed", "shape": "next", "next": first.context["here"]}
    address = reverse("ratings:status", args=[asked(first)[0]])
    answer = page.post(address, data, headers=HTMX, follow=True)
    assert newcomer.list_entries.get().score is None
    assert "<html" not in answer.text
    assert "On your list: Completed." in answer.text
    assert "HX-Request" in answer["Vary"]


def test_after_five_titles_the_list_is_ready_and_the_way_out_is_there_all_along(
    page: Client, newcomer: User
) -> None:
    for n in range(6):
        text = page.get(QUIZ).text
        assert ("Your list is ready" in text) == (n >= 5)
        assert f'href="{FOR_YOU}">Go to For you' in text
        newcomer.rate(title(ALL[n]), score=8)


def test_titles_not_seen_make_no_list(page: Client, newcomer: User) -> None:
    quiz.say_not_seen(newcomer, ALL[:9])
    text = page.get(QUIZ).text
    assert "Your list is ready" not in text
    assert "No title you know yet" in text


def test_when_nothing_is_left_to_ask_the_page_says_so(page: Client, newcomer: User) -> None:
    quiz.say_not_seen(newcomer, ALL)
    answer = page.get(QUIZ)
    assert "There is nothing left to ask" in answer.text
    assert asked(answer) == []


def test_on_an_empty_site_the_quiz_is_not_an_error(as_newcomer: Client) -> None:
    assert "There is nothing left to ask" in as_newcomer.get(QUIZ).text


def test_the_last_answers_can_be_undone_and_all_are_shown_when_asked_for(
    page: Client, newcomer: User
) -> None:
    for pk in ALL[:9]:
        page.post(not_seen(pk))
    short, whole = page.get(QUIZ), page.get(QUIZ, {"said": "all"})
    assert [row.anime_id for row in short.context["said"]] == ALL[8:2:-1]
    assert "All you have not seen" in short.text
    assert [row.anime_id for row in whole.context["said"]] == ALL[8::-1]
    assert "All you have not seen" not in whole.text


@pytest.mark.parametrize(
    "asked_for",
    [
        "?shown=x,,-1,²,99999999999999999999,1",
        "?shown=" + ",".join(str(n) for n in range(9_000)),
        f"?shown={ALL[0]},{ALL[0]},{ALL[0]}",
        "?shown=%00&said=%00&genres=%00",
        "?said=everything",
    ],
)
def test_an_odd_address_is_answered_with_five_titles(page: Client, asked_for: str) -> None:
    answer = page.get(QUIZ + asked_for)
    assert answer.status_code == 200
    assert len(set(asked(answer))) == 5


# Favourite genres on the page


def test_genres_are_ticked_and_lead_to_other_recommendations(page: Client, newcomer: User) -> None:
    assert not is_robot(serving.recommend(newcomer)[0].anime_id)
    answer = page.post(GENRES, {"genre": ["Mecha"], "next": QUIZ}, follow=True)
    assert "You like Mecha." in answer.text
    assert re.search(r'value="Mecha" id="quiz-genre-\d+" checked', answer.text)
    found = page.get(FOR_YOU)
    assert "For the genres you like" in found.text
    assert "Popular with members</h2>" not in found.text
    assert is_robot(found.context["cards"][0]["anime"].pk)
    assert "You like Mecha" in found.text
    page.post(GENRES, {})
    assert favourites.names_of(newcomer) == []
    assert "Popular with members</h2>" in page.get(FOR_YOU).text


def test_htmx_keeps_the_genres_open(page: Client, newcomer: User) -> None:
    newcomer.rate(title(ALL[0]), score=8)
    assert '<details class="quiz__genres">' in page.get(QUIZ).text
    data = {"genre": "Mecha", "next": f"{QUIZ}?genres=open"}
    answer = page.post(GENRES, data, headers=HTMX, follow=True)
    assert '<details class="quiz__genres" open>' in answer.text


@pytest.mark.parametrize(
    "names",
    [["Opera"], ["Mecha", "Opera"], ["M\0"], ["x" * 5000], [""], [str(n) for n in range(900)]],
)
def test_genres_that_cannot_be_chosen_change_nothing(page: Client, names: list[str]) -> None:
    page.post(GENRES, {"genre": ["Mecha"]})
    assert page.post(GENRES, {"genre": names}).status_code == 404
    assert [row.genre.name for row in FavouriteGenre.objects.all()] == ["Mecha"]


def test_explicit_genres_are_not_offered(page: Client) -> None:
    genre = Genre.objects.create(name="Explicit", kind="explicit")
    AnimeGenre.objects.create(genre=genre, anime_id=ALL[0])
    assert "Explicit" not in page.get(QUIZ).text
    assert page.post(GENRES, {"genre": ["Explicit"]}).status_code == 404


def test_nobody_is_sent_to_another_site(page: Client) -> None:
    for address in (GENRES, not_seen(ALL[0]), undo(ALL[0])):
        assert page.post(address, {"next": "https://evil.example/"})["Location"] == QUIZ


# The ways in


def test_for_you_leads_to_the_quiz_while_scores_are_few(page: Client, newcomer: User) -> None:
    for n in range(6):
        assert (f'href="{QUIZ}"' in page.get(FOR_YOU).text) == (n < 5)
        newcomer.rate(title(ALL[n]), score=8)


def test_home_leads_a_stranger_straight_to_the_quiz(client: Client) -> None:
    assert f'class="door door--first" href="{QUIZ}"' in client.get("/").text


# Budgets


def queries_of(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(QUIZ).status_code == 200
    return len(queries)


@pytest.mark.parametrize("world_of", ["world", "quizzed"])
def test_the_number_of_queries_does_not_grow_with_the_answers(
    request, world_of: str, newcomer: User, client: Client
) -> None:
    # session, member, own titles, not seen, the model, genres to choose from, favourites,
    # what may be asked, cards with their genres (2), what was said
    request.getfixturevalue(world_of)
    client.force_login(newcomer)
    favourites.choose(newcomer, ["Mecha"], favourites.offered(None))
    few = queries_of(client)
    for pk in ALL[:8]:
        newcomer.rate(title(pk), score=8)
    quiz.say_not_seen(newcomer, ALL[8:18])
    assert [few, queries_of(client)] == [11, 11]
