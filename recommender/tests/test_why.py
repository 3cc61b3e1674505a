"""Why a title is recommended, and what is not to count in it."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Anime
from ratings.models import User
from recommender import muting, serving
from recommender.datasets import read_interactions, read_known, read_list, read_own
from recommender.models import FavouriteGenre, MutedFeature, TasteCorrection
from recommender.tests.test_pages import FOR_YOU, HIDDEN, HTMX, robots_fan, shown
from recommender.tests.worlds import FIRST_ID, TITLES, is_robot, make_sequel
from recommender.why import Why

__all__ = ["robots_fan"]
pytestmark = pytest.mark.django_db

ROBOT, TEA = FIRST_ID, FIRST_ID + 1
LEAVE_OUT, COUNT_AGAIN = reverse("recommender:leave-out"), reverse("recommender:count-again")


def title(n: int) -> Anime:
    return Anime.objects.get(pk=FIRST_ID + n)


def why(mal_id: int) -> str:
    return reverse("recommender:why", args=[mal_id])


def scores(member: User) -> dict[int, float]:
    return {rec.anime_id: rec.score for rec in serving.recommend(member, top_n=TITLES)}


def a_list(member: User) -> None:
    for n, score in ((0, 9), (2, 8), (1, 10)):
        member.rate(title(n), score=score)


# Titles that do not count


def test_a_title_that_does_not_count_is_seen_but_says_nothing(trained, newcomer: User) -> None:
    a_list(newcomer)
    before, version = scores(newcomer), newcomer.list_version
    first = serving.recommend(newcomer, top_n=1)[0]
    cause = next(one for one in first.causes if one.kind == "title")
    assert newcomer.leave_out(Anime.objects.get(pk=cause.anime_id))
    assert newcomer.list_version > version
    after = scores(newcomer)
    # EASE is a sum over the list, whose weights depend on its mean: it falls by about that cause.
    assert after[first.anime_id] < before[first.anime_id] - 0.5 * cause.value
    named = {c.anime_id for rec in serving.recommend(newcomer, top_n=TITLES) for c in rec.causes}
    assert cause.anime_id not in named
    assert cause.anime_id not in after
    assert newcomer.count_again(Anime.objects.get(pk=cause.anime_id))
    assert scores(newcomer) == before


def test_leaving_out_twice_changes_nothing_more(trained, newcomer: User) -> None:
    newcomer.rate(title(0), score=9)
    assert newcomer.leave_out(title(0))
    version = newcomer.list_version
    assert not newcomer.leave_out(title(0))
    assert not newcomer.leave_out(title(4))
    assert newcomer.list_version == version


def test_what_does_not_count_is_in_no_list_that_is_learned_from_but_trains_the_models(
    trained, newcomer: User
) -> None:
    a_list(newcomer)
    newcomer.leave_out(title(0))
    assert read_list(newcomer).items.tolist() == [TEA, FIRST_ID + 2]
    own = read_own(newcomer)
    assert ROBOT in own.settled
    assert ROBOT in own.watched
    known, others = read_known(newcomer)
    assert ROBOT not in known.items
    assert ROBOT in others
    learned = read_interactions()
    assert ((learned.members == newcomer.pk) & (learned.items == ROBOT)).any()


def test_what_follows_a_title_that_does_not_count_may_still_come(trained, newcomer: User) -> None:
    make_sequel(ROBOT, FIRST_ID + 4)
    serving.forget_loaded()
    newcomer.rate(title(2), score=9)
    assert FIRST_ID + 4 not in scores(newcomer)
    newcomer.rate(title(0), score=9)
    newcomer.leave_out(title(0))
    assert FIRST_ID + 4 in scores(newcomer)


def test_a_title_hidden_as_seen_elsewhere_says_nothing_against_its_like(
    trained, newcomer: User
) -> None:
    newcomer.rate(title(2), score=9)
    newcomer.dismiss(title(0), "genre")
    assert ROBOT in read_list(newcomer).items
    newcomer.dismiss(title(0), "seen")
    assert ROBOT not in read_list(newcomer).items
    assert ROBOT in read_own(newcomer).settled


# Features that do not count


def test_a_feature_that_does_not_count_is_taken_off_every_score(trained, newcomer: User) -> None:
    a_list(newcomer)
    before = {rec.anime_id: rec for rec in serving.recommend(newcomer, top_n=TITLES)}
    version = newcomer.list_version
    muting.leave_out(newcomer, "popularity")
    newcomer.refresh_from_db()
    assert newcomer.list_version > version
    after = serving.recommend(newcomer, top_n=TITLES)
    for rec in after:
        value = before[rec.anime_id].parts.features["popularity"]
        assert rec.score == pytest.approx(before[rec.anime_id].score - value, abs=1e-5)
        assert rec.parts.score == pytest.approx(rec.score, abs=1e-5)
        assert rec.left_out["popularity"] == pytest.approx(value)
        assert "popular" not in rec.reason.lower()
    assert [rec.score for rec in after] == sorted((rec.score for rec in after), reverse=True)
    muting.count_again(newcomer, "popularity")
    newcomer.refresh_from_db()
    assert scores(newcomer) == {pk: rec.score for pk, rec in before.items()}


def test_unknown_features_are_refused(trained, newcomer: User) -> None:
    for name in ("nonsense", "favourite: Opera", "your correction: Opera", ""):
        with pytest.raises(muting.UnknownFeature):
            muting.leave_out(newcomer, name)
    assert not MutedFeature.objects.exists()


def test_a_correction_and_a_favourite_genre_are_taken_back(trained, newcomer: User) -> None:
    from catalog.models import Genre

    mecha = Genre.objects.get(name="Mecha")
    FavouriteGenre.objects.create(member=newcomer, genre=mecha)
    TasteCorrection.objects.create(member=newcomer, kind="genre", name="Mecha", value=2)
    muting.leave_out(newcomer, "favourite: Mecha")
    muting.leave_out(newcomer, "your correction: Mecha")
    assert not FavouriteGenre.objects.exists()
    assert not TasteCorrection.objects.exists()


# The page


def test_the_page_takes_the_score_apart_to_the_last_part(
    robots_fan: Client, newcomer: User
) -> None:
    a_list(newcomer)
    pk = shown(robots_fan.get(FOR_YOU))[0]
    page = robots_fan.get(why(pk))
    told = page.context["why"].told
    assert sum(c.value for c in told.causes) + told.remainder == pytest.approx(told.score, abs=1e-5)
    found = {rec.anime_id: rec.score for rec in serving.recommend(newcomer, top_n=24)}
    assert told.score == pytest.approx(found[pk], abs=1e-5)
    assert "You gave Robot 0 a 9" in page.text
    assert re.search(r"\+\d\.\d\d, \d+ % of what speaks for it", page.text)
    assert "<html" in page.text
    fragment = robots_fan.get(why(pk), headers=HTMX).text
    assert "<html" not in fragment
    assert "This one should not count: Robot 0" in fragment


def test_what_speaks_against_a_title_is_said_in_words_and_drawn_to_the_other_side() -> None:
    values = [2.0 - n / 10 for n in range(12)] + [-0.1, -0.2, -0.3, -0.4, -0.5, -1.0]
    causes = tuple(
        serving.Cause("feature", None, f"Cause {n}", None, value / 10, value, f"cause-{n}")
        for n, value in enumerate(values)
    )
    found = serving.Recommendation(1, 0.0, None, (), 0.0)
    told = Why(found, serving.Breakdown(sum(values), causes, 0.0))
    first, last = told.strongest[0], told.strongest[-1]
    assert (first.x, first.width, first.sentence) == (100, 100, "+2.00, 20 % of what speaks for it")
    assert (last.x, last.width) == (50, 50)
    assert last.sentence == "\N{MINUS SIGN}1.00, against it"
    assert len(told.strongest) + len(told.others) == len(values)
    assert (len(told.strongest), told.sum_of_others) == (12, "+3.90")


def test_the_many_causes_of_a_long_list_come_when_they_are_asked_for(
    robots_fan: Client, newcomer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_list(newcomer)
    for name, number in (("FOR", 1), ("AGAINST", 0), ("FOLDED", 0)):
        monkeypatch.setattr(f"recommender.why.{name}", number)
    pk = shown(robots_fan.get(FOR_YOU))[0]
    page = robots_fan.get(why(pk), {"type": "tv"})
    lines = page.context["why"].lines
    assert page.text.count('class="why__line') - page.text.count('class="why__lines') == 1
    assert f'href="{why(pk)}?type=tv&amp;all=1"' in page.text
    whole = robots_fan.get(why(pk), {"type": "tv", "all": "1"}).text
    assert whole.count("This one should not count") >= len(lines)
    assert '<details class="why__others" open>' in whole


def test_the_state_of_the_page_is_kept(robots_fan: Client) -> None:
    card = robots_fan.get(FOR_YOU, {"type": "tv", "diversity": "0.5"}).text
    assert re.search(r'href="/for-you/why/\d+/\?type=tv&amp;diversity=0\.5"', card)
    page = robots_fan.get(why(FIRST_ID + 2), {"type": "tv", "diversity": "0.5"}, headers=HTMX).text
    assert 'name="next" value="/for-you/?type=tv&amp;diversity=0.5"' in page


def test_a_title_that_is_not_recommended_is_explained_all_the_same(
    robots_fan: Client, newcomer: User
) -> None:
    assert "It is on your list (completed)" in robots_fan.get(why(ROBOT)).text
    newcomer.dismiss(title(2))
    page = robots_fan.get(why(FIRST_ID + 2)).text
    assert "You have hidden this title" in page
    assert "You gave Robot 0 an 8" in page
    make_sequel(FIRST_ID + 6, FIRST_ID + 8)
    serving.forget_loaded()
    newcomer.touch_list()
    assert "not among the titles shown" in robots_fan.get(why(FIRST_ID + 8)).text


def test_a_title_that_no_model_knows_says_so(world, client: Client, newcomer: User) -> None:
    client.force_login(newcomer)
    assert "No model knows this title yet" in client.get(why(ROBOT)).text


def test_unknown_and_hidden_titles_have_no_why(
    robots_fan: Client, hidden_titles: list[Anime]
) -> None:
    for pk in (1, 9_000_101, 9_000_102, 10**30):
        assert robots_fan.get(why(pk)).status_code == 404
    assert robots_fan.post(why(ROBOT)).status_code == 405


def test_this_one_should_not_count_ranks_anew_and_can_be_undone(
    robots_fan: Client, newcomer: User
) -> None:
    newcomer.rate(title(1), score=10)
    here = f"{FOR_YOU}?type=tv"
    results = {**HTMX, "HX-Target": "results"}
    asked = {"title": ROBOT, "next": here}
    answer = robots_fan.post(LEAVE_OUT, asked, headers=results, follow=True)
    assert answer.request["QUERY_STRING"] == "type=tv"
    assert "<html" not in answer.text
    assert "Robot 0 does not count now" in answer.text
    assert "Count again: Robot 0" in answer.text
    assert not any(is_robot(pk) for pk in shown(answer)[:10])
    assert "Robot 0" in robots_fan.get(HIDDEN).text
    again = robots_fan.post(COUNT_AGAIN, asked, headers=results, follow=True)
    assert "Robot 0 counts again" in again.text
    assert "Count again" not in again.text
    assert "All of it counts" in robots_fan.get(HIDDEN).text


def test_a_feature_is_left_out_and_counted_again_from_pages_without_scripts(
    robots_fan: Client,
) -> None:
    page = robots_fan.post(LEAVE_OUT, {"feature": "popularity"}, follow=True)
    assert page.redirect_chain == [(FOR_YOU, 302)]
    assert "How well known it is: this does not count now." in page.text
    told = robots_fan.get(why(FIRST_ID + 2)).text
    assert "How well known it is: does not count, as you said." in told
    assert "Popular with members" not in told
    assert "How well known it is" in robots_fan.get(HIDDEN).text
    for _ in range(2):
        robots_fan.post(COUNT_AGAIN, {"feature": "popularity"})
    assert not MutedFeature.objects.exists()


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"title": "x"},
        {"title": "-1"},
        {"title": str(10**30)},
        {"title": str(FIRST_ID + 3)},  # not on the list
        {"feature": "nonsense"},
        {"feature": "popularity\0"},
        {"feature": "x" * 10_000},
        {"title": str(ROBOT), "feature": "popularity"},
    ],
)
@pytest.mark.parametrize("address", [LEAVE_OUT, COUNT_AGAIN])
def test_what_is_no_cause_cannot_be_left_out(robots_fan: Client, asked: dict, address: str) -> None:
    assert robots_fan.post(address, asked).status_code == 404
    assert robots_fan.get(address, asked).status_code == 405
    assert not MutedFeature.objects.exists()


def test_nobody_else_s_list_is_changed(robots_fan: Client, trained: list[User]) -> None:
    entry = trained[0].list_entries.exclude(anime_id=ROBOT).first()
    assert robots_fan.post(LEAVE_OUT, {"title": entry.anime_id}).status_code == 404
    entry.refresh_from_db()
    assert entry.counts


def test_after_leaving_out_nobody_is_sent_to_another_site(robots_fan: Client) -> None:
    answer = robots_fan.post(LEAVE_OUT, {"title": ROBOT, "next": "//evil.example/"})
    assert answer["Location"] == FOR_YOU
