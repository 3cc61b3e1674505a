"""What to watch together: the order, who may be named, and what an answer tells."""

import re
from itertools import pairwise

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from catalog.models import Anime, Genre
from ratings.models import Origin, User
from recommender import serving, taste
from recommender.engine.taste import TasteModel
from recommender.models import FavouriteGenre
from recommender.tests.company import SECRET, compare_with, queries_of, robots, teas
from recommender.tests.test_taste import publish
from recommender.tests.worlds import FIRST_ID, is_robot, make_sequel

pytestmark = pytest.mark.django_db

MEMBERS, TOGETHER = reverse("recommender:members"), reverse("recommender:together")


# Together


def asked(client: Client, *names: str, **more: str):
    return client.get(TOGETHER, {"with": list(names), **more})


def ids_of(page) -> list[int]:
    return [card["anime"].pk for card in page.context["cards"]]


def test_a_page_for_nobody_else_asks_for_a_name(me: User, client: Client) -> None:
    page = client.get(TOGETHER)
    assert page.status_code == 200
    assert 'name="with"' in page.text
    assert not page.context.get("cards")


def test_nothing_that_any_of_them_has_seen_dropped_or_hidden_is_proposed_but_plans_are(
    trained: list[User], me: User, friend: User, client: Client
) -> None:
    friend.dismiss(robots(12, 13)[0])
    friend.set_status(robots(13, 14)[0], "dropped")
    found = set(ids_of(asked(client, "friend")))
    settled = {anime.pk for anime in [*robots(0, 10), *robots(12, 14), *teas(0, 2)]}
    assert found
    assert not found & settled
    # Both plan the last tea, and may watch it together.
    everything = serving.together([me, friend], top_n=30)
    assert FIRST_ID + 29 in [joint.anime_id for joint in everything]


def test_each_card_says_for_each_what_they_would_give_and_why(
    trained: list[User], me: User, friend: User, client: Client
) -> None:
    page = asked(client, "friend")
    first = page.context["cards"][0]
    assert [member for member, _ in first["says"]] == [me, friend]
    for member, say in first["says"]:
        assert say.member_id == member.pk
        pk = first["anime"].pk
        assert say.predicted == pytest.approx(serving.predict_scores(member, [pk])[pk])
        assert say.place >= 1
    assert re.search(r"You gave <b>Robot \d+</b>", page.text)
    assert re.search(r"They gave <b>(Robot|Tea) \d+</b>", page.text)


def test_the_order_is_by_the_worst_place_among_them(
    trained: list[User], me: User, friend: User
) -> None:
    found = serving.together([me, friend], top_n=20)
    worst = [max(say.place for say in joint.says) for joint in found]
    assert worst == sorted(worst)


def test_seen_by_some_lets_in_what_one_liked_and_says_so(
    trained: list[User], me: User, friend: User, client: Client
) -> None:
    found = serving.together([me, friend], seen_by_some=True, top_n=30)
    says = {joint.anime_id: joint.says for joint in found}
    # I gave robots 0 and 1 a 10 and a 9; the friend has not seen them.
    assert {FIRST_ID, FIRST_ID + 2} <= set(says)
    mine, theirs = says[FIRST_ID]
    assert (mine.seen, mine.gave, mine.place) == (True, 10, None)
    assert theirs.place is not None
    # What both have seen, and what one did not like, stays away: robots 8 and 9 have a 2 and a 1.
    seen_by_both = {anime.pk for anime in robots(2, 8)}
    not_liked = {anime.pk for anime in robots(8, 10)}
    assert not (seen_by_both | not_liked) & set(says)
    assert "gave it 10" in asked(client, "friend", seen="1").text


def test_a_sequel_waits_until_all_have_seen_what_comes_before(
    trained: list[User], me: User, friend: User
) -> None:
    first, then = robots(0, 1)[0], robots(12, 13)[0]
    make_sequel(first.pk, then.pk)
    serving.forget_relations()
    assert then.pk not in [joint.anime_id for joint in serving.together([me, friend], top_n=30)]
    friend.rate(first, score=9)
    assert then.pk in [joint.anime_id for joint in serving.together([me, friend], top_n=30)]


def test_who_has_an_empty_list_has_no_say_and_is_told_of(
    trained: list[User], me: User, client: Client
) -> None:
    User.objects.create(username="blank", is_public=True)
    page = asked(client, "blank")
    assert page.context["cards"]
    assert "The list of blank is empty, so they have no say" in page.text


def test_a_changed_list_is_asked_anew_and_an_unchanged_one_is_kept(
    trained: list[User], me: User, friend: User
) -> None:
    first = serving.together([me, friend])
    cold = queries_of(lambda: serving.together([me, friend], top_n=11))
    assert queries_of(lambda: serving.together([me, friend], top_n=11)) < cold
    friend.rate(Anime.objects.get(pk=first[0].anime_id), score=9)
    assert first[0].anime_id not in [joint.anime_id for joint in serving.together([me, friend])]


def test_a_correction_of_one_counts_for_all(trained: list[User], me: User, friend: User) -> None:
    publish(TasteModel())
    before = serving.together([me, friend], top_n=30)
    for _ in range(2):
        taste.correct(friend, kind="genre", name="Mecha", change="less")
    after = serving.together([me, friend], top_n=30)

    def mean_place(found) -> float:
        places = [
            say.place for joint in found if is_robot(joint.anime_id) for say in joint.says[1:]
        ]
        return sum(places) / len(places)

    assert mean_place(after) > mean_place(before)


def test_favourite_genres_of_a_newcomer_count_too(trained: list[User], friend: User) -> None:
    fresh = User.objects.create(username="fresh", is_public=True)
    fresh.rate(robots(12, 13)[0], score=7)
    tea = Genre.objects.get(name="Slice of Life")
    FavouriteGenre.objects.create(member=fresh, genre=tea)
    assert serving.together([fresh, friend])


@pytest.mark.parametrize("models", [True, False])
def test_without_models_or_lists_the_most_watched_are_proposed(
    world, newcomer: User, client: Client, models: bool, request
) -> None:
    if models:
        request.getfixturevalue("trained")
    User.objects.create(username="blank", is_public=True)
    client.force_login(newcomer)
    page = asked(client, "blank")
    assert ids_of(page)[:3] == [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2]
    assert not page.context["silent"]


def test_when_nothing_is_left_the_page_says_what_could_be_allowed(
    trained: list[User], me: User, friend: User, client: Client
) -> None:
    for anime in Anime.objects.all():
        friend.rate(anime, score=9)
    page = asked(client, "friend")
    assert not page.context["cards"]
    assert "?with=friend&amp;seen=1" in page.text
    assert ids_of(asked(client, "friend", seen="1"))


# Who may be named, and what an answer tells


def test_a_private_name_and_one_that_nobody_has_get_the_very_same_answer(
    trained: list[User], me: User, hermit: User, client: Client
) -> None:
    guest = User.objects.create(username="lodger", is_public=True, origin=Origin.GUEST)
    pages = {name: asked(client, name) for name in ("hermit", "zebra", guest.username)}
    plain = {
        re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.text).replace(name, "…")
        for name, page in pages.items()
    }
    assert len(plain) == 1
    assert {page.status_code for page in pages.values()} == {200}
    assert "No public member is called “hermit”" in pages["hermit"].text
    counts = {
        name: queries_of(lambda name=name: asked(client, name)) for name in ("hermit", "zebra")
    }
    assert counts["hermit"] == counts["zebra"]


def test_nothing_of_a_private_list_is_on_any_of_the_pages(
    trained: list[User], me: User, friend: User, hermit: User, client: Client
) -> None:
    for address in (MEMBERS, compare_with(friend), f"{TOGETHER}?with=friend&with=hermit"):
        text = client.get(address).text
        assert SECRET not in text
        assert f"/members/{hermit.pk}/" not in text
    assert asked(client, "friend", "hermit").context["company"].members == [me, friend]


def test_who_turns_private_is_gone_from_what_was_kept(
    trained: list[User], me: User, friend: User, client: Client
) -> None:
    assert asked(client, "friend").context["cards"]
    User.objects.filter(pk=friend.pk).update(is_public=False)
    page = asked(client, "friend")
    assert not page.context.get("cards")
    assert "No public member is called “friend”" in page.text


def test_ones_own_name_and_the_same_name_twice_change_nothing(
    trained: list[User], me: User, friend: User, client: Client
) -> None:
    page = asked(client, "newcomer", "friend", " friend ", "", "friend")
    assert page.context["company"].members == [me, friend]
    assert not page.context["company"].unknown


def test_more_than_five_others_are_left_out_and_that_is_said(
    trained: list[User], me: User, client: Client, django_assert_max_num_queries
) -> None:
    names = [member.username for member in trained] + [f"x{n}" for n in range(900)]
    # What stands in the process, not in the cache, is read by the first question.
    asked(client, trained[7].username)
    with django_assert_max_num_queries(16):
        page = asked(client, *names)
    assert len(page.context["company"].members) == 6
    assert "At most 5 others" in page.text
    assert 'id="with"' not in page.text
    assert len(page.content) < 100_000
    assert asked(client, *(f"x{n}" for n in range(2000))).status_code == 400


@pytest.mark.parametrize(
    "name",
    ["\0", "fri\0end", "<script>alert(1)</script>", "x" * 10_000, "friend' OR 1=1 --", "%00", "🍵"],
)
def test_a_strange_name_is_nobodys(me: User, friend: User, client: Client, name: str) -> None:
    page = asked(client, name)
    assert page.status_code == 200
    assert "No public member is called" in page.text
    assert "<script>alert" not in page.text
    assert "\0" not in page.text
    assert "x" * 200 not in page.text


def test_a_name_with_markup_of_its_own_is_shown_as_text(
    trained: list[User], me: User, friend: User, client: Client
) -> None:
    User.objects.filter(pk=friend.pk).update(username="<b>&friend")
    page = asked(client, "<b>&friend", "nobody")
    assert "<b>&friend" not in page.text
    assert "&lt;b&gt;&amp;friend" in page.text
    assert 'href="?"' in page.text


def test_each_is_taken_away_by_a_link(
    trained: list[User], me: User, friend: User, client: Client
) -> None:
    other = trained[0]
    page = asked(client, "friend", other.username, seen="1")
    links = dict(page.context["chips"])
    assert links[friend] == f"?with={other.username}&seen=1"
    assert client.get(TOGETHER + links[friend]).context["company"].others == [other]


def test_two_ask_few_questions_and_each_more_adds_one(
    trained: list[User], me: User, friend: User, client: Client, django_assert_max_num_queries
) -> None:
    names = ["friend", *(member.username for member in trained[:4])]
    asked(client, "friend", seen="1")
    counts = []
    for size in range(1, 6):
        cache.clear()
        counts.append(queries_of(lambda size=size: asked(client, *names[:size])))
    assert counts[0] <= 12, counts
    assert all(later - before <= 1 for before, later in pairwise(counts)), counts
