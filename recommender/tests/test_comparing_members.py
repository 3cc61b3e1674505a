"""One member beside another, and who is most alike; nothing of a private list leaks."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from catalog.models import Anime
from ratings.models import Origin, User, UserAnimeRating
from recommender import serving
from recommender.alike import most_alike
from recommender.tests.company import compare_with, queries_of, robots, teas
from recommender.tests.worlds import FIRST_ID, is_robot

pytestmark = pytest.mark.django_db

MEMBERS, TOGETHER = reverse("recommender:members"), reverse("recommender:together")


# One beside another


def test_a_comparison_says_how_alike_two_score_and_by_how_many_titles(
    me: User, friend: User, client: Client
) -> None:
    page = client.get(compare_with(friend))
    # Six shared titles in the same order: r is 1, and six of fifty make 12 %.
    assert page.context["percent"] == 12
    assert "Both of you have seen 6 titles; 6 of them have a score from both." in page.text
    assert "over 6 shared titles is 1.00" in page.text
    assert "with 6 it counts 12 %" in page.text


def test_opposite_scores_are_told_as_apart(me: User, friend: User, client: Client) -> None:
    for place, anime in enumerate(robots(0, 8)):
        friend.rate(anime, score=1 + place)
    page = client.get(compare_with(friend))
    assert page.context["percent"] == -16
    assert re.search(r"16</span> % apart", page.text)
    assert "Your scores go apart" in page.text


def test_what_does_not_count_is_left_out_of_the_likeness_but_is_shared(
    me: User, friend: User, client: Client
) -> None:
    me.list_entries.filter(anime=robots(2, 3)[0]).update(counts=False)
    page = client.get(compare_with(friend))
    assert page.context["percent"] == 10
    assert len(page.context["rows"]) == 6


def test_shared_titles_stand_with_both_scores_and_the_furthest_apart_come_first_in_their_own_table(
    me: User, friend: User, client: Client
) -> None:
    friend.rate(robots(4, 5)[0], score=1)
    page = client.get(compare_with(friend))
    anime, row = page.context["apart"][0]
    assert (anime.pk, row.mine, row.theirs) == (FIRST_ID + 8, 6, 1)
    assert len(page.context["apart"]) == 1
    assert re.search(r">Robot 8</a></th><td>6</td><td>1</td>", page.text)


def test_what_they_love_and_i_do_not_know_comes_in_the_order_of_my_predicted_score(
    trained: list[User], me: User, friend: User, client: Client
) -> None:
    for anime in robots(10, 13):
        friend.rate(anime, score=9)
    seen = robots(0, 1)[0]
    friend.rate(seen, score=10)
    me.dismiss(teas(0, 1)[0])
    page = client.get(compare_with(friend))
    tips = [tip for _, tip in page.context["tips"]]
    ids = [tip.anime_id for tip in tips]
    assert set(ids) == {anime.pk for anime in [*robots(10, 13), *teas(1, 2)]}
    predicted = [tip.predicted for tip in tips]
    assert predicted == sorted(predicted, reverse=True)
    assert predicted == pytest.approx([serving.predict_scores(me, ids)[pk] for pk in ids])


def test_what_both_plan_is_named(me: User, friend: User, client: Client) -> None:
    page = client.get(compare_with(friend))
    assert [anime.pk for anime in page.context["plans"]] == [FIRST_ID + 29]
    assert "You both plan it" in page.text


@pytest.mark.parametrize("scores", [[], [7], [7, 7, 7, 7, 7, 7]])
def test_with_too_little_to_go_by_nothing_is_claimed(
    me: User, client: Client, scores: list[int]
) -> None:
    other = User.objects.create(username="other", is_public=True)
    for score, anime in zip(scores, robots(0, 6), strict=False):
        other.rate(anime, score=score)
    page = client.get(compare_with(other))
    assert page.context["percent"] is None
    assert "Nothing can be said of your likeness yet" in page.text
    reason = "the same score" if len(scores) == 6 else "At least five titles"
    assert reason in page.text


def test_two_empty_lists_can_be_compared(world: list[User], newcomer: User, client: Client) -> None:
    client.force_login(newcomer)
    other = User.objects.create(username="other", is_public=True)
    page = client.get(compare_with(other))
    assert page.status_code == 200
    assert "There is no title that both of you have seen" in page.text


def test_a_simulated_member_is_called_so(me: User, friend: User, client: Client) -> None:
    User.objects.filter(pk=friend.pk).update(origin=Origin.SIMULATED, external_id=4)
    assert "A simulated member" in client.get(compare_with(friend)).text


def test_oneself_is_on_the_page_of_ones_taste(me: User, client: Client) -> None:
    assert client.get(compare_with(me))["Location"] == reverse("recommender:taste")


def test_whoever_is_private_gone_or_a_guest_is_as_unknown_as_nobody(
    me: User, hermit: User, client: Client
) -> None:
    gone = User.objects.create(username="gone", is_public=True, is_active=False)
    guest = User.objects.create(username="visitor", is_public=True, origin=Origin.GUEST)
    pages = [client.get(compare_with(pk)) for pk in (hermit.pk, gone.pk, guest.pk, 10**6, 10**30)]
    assert {page.status_code for page in pages} == {404}
    assert len({re.sub(r'value="[^"]+"|/members/\d+/', "", page.text) for page in pages}) == 1
    assert "hermit" not in pages[0].text


def test_staff_see_no_more_of_the_private_here(me: User, hermit: User, client: Client) -> None:
    User.objects.filter(pk=me.pk).update(is_staff=True)
    assert client.get(compare_with(hermit)).status_code == 404
    assert "No public member is called “hermit”" in client.get(TOGETHER, {"with": "hermit"}).text


def test_titles_for_adults_are_in_no_part_of_a_comparison(
    me: User, friend: User, client: Client
) -> None:
    hidden = Anime.objects.create(mal_id=9_500_001, title="Behind the Curtain", is_adult=True)
    for member in (me, friend):
        member.rate(hidden, score=9)
    page = client.get(compare_with(friend))
    assert "Behind the Curtain" not in page.text
    assert len(page.context["rows"]) == 6


@pytest.mark.parametrize("asked", ["-1", "0", "99999", "x", "1\0", "9" * 400])
def test_a_page_of_the_table_that_there_is_not_is_answered_with_one_there_is(
    me: User, friend: User, client: Client, asked: str
) -> None:
    page = client.get(compare_with(friend), {"page": asked})
    assert page.status_code == 200
    assert len(page.context["rows"]) == 6


def test_a_comparison_asks_few_questions_however_long_the_lists(
    trained: list[User], me: User, friend: User, client: Client, django_assert_max_num_queries
) -> None:
    client.get(compare_with(friend))
    with django_assert_max_num_queries(12):
        client.get(compare_with(friend))
    few = queries_of(lambda: client.get(compare_with(friend)))
    for member in (me, friend):
        for anime in Anime.objects.all():
            member.rate(anime, score=7 if is_robot(anime.pk) else 9)
    assert queries_of(lambda: client.get(compare_with(friend))) <= few


@pytest.mark.parametrize("address", [MEMBERS, TOGETHER, compare_with(1)])
def test_a_guest_is_sent_to_sign_in_and_a_form_is_not_taken(
    address: str, world, client: Client, newcomer: User
) -> None:
    assert client.get(address)["Location"].startswith(reverse("ratings:sign-in"))
    client.force_login(newcomer)
    assert client.post(address).status_code == 405


# Who is most alike


def test_the_likest_public_member_comes_first_with_how_many_titles_it_is_from(
    me: User, friend: User, hermit: User, client: Client
) -> None:
    page = client.get(MEMBERS)
    found = page.context["found"]
    assert found[0].member == friend
    assert (found[0].percent, found[0].shared) == (12, 6)
    assert compare_with(friend) in page.text
    values = [one.likeness for one in found]
    assert values == sorted(values, reverse=True)
    assert min(values) > 0


def test_the_list_comes_to_the_same_as_each_comparison(
    me: User, friend: User, client: Client
) -> None:
    for one in most_alike(me):
        assert client.get(compare_with(one.member)).context["percent"] == one.percent


def test_a_private_member_is_never_listed_nor_one_who_has_just_become_so(
    me: User, friend: User, hermit: User, client: Client
) -> None:
    names = [one.member.username for one in most_alike(me)]
    assert "friend" in names
    assert "hermit" not in names
    # What was found is still kept; that they are public is asked anew.
    User.objects.filter(pk=friend.pk).update(is_public=False)
    assert "friend" not in [one.member.username for one in most_alike(me)]


@pytest.mark.parametrize("lines", [0, 1])
def test_with_nothing_or_one_score_the_list_says_so(
    world, newcomer: User, client: Client, lines: int
) -> None:
    client.force_login(newcomer)
    for anime in robots(0, lines):
        newcomer.rate(anime, score=8)
    page = client.get(MEMBERS)
    assert page.status_code == 200
    said = "You have not scored any title" if not lines else "Nobody public has scored five"
    assert said in page.text


def test_the_list_asks_as_few_questions_of_many_members_as_of_few(
    me: User, friend: User, client: Client, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(8):
        client.get(MEMBERS)
    lines = [
        UserAnimeRating(user=member, anime=anime, score=9 - place)
        for member in User.objects.bulk_create(
            User(username=f"crowd-{n}", is_public=True) for n in range(80)
        )
        for place, anime in enumerate(robots(0, 6))
    ]
    UserAnimeRating.objects.bulk_create(lines)
    cache.clear()
    with django_assert_max_num_queries(8):
        page = client.get(MEMBERS)
    assert len(page.context["found"]) == 50
