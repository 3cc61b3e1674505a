"""What was shown on For you: noted once a day, tiring, teaching, forgotten."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Anime, CatalogueVersion
from ratings.models import Origin, Scope, User
from ratings.tests.keys import key_of
from recommender import datasets, impressions, serving
from recommender.engine.diversity import NEUTRAL
from recommender.engine.fatigue import FREE_LOOKS
from recommender.experiments import exposing, watching
from recommender.experiments.choosing import recommended
from recommender.experiments.trials import trial_of
from recommender.impressions import PASSED_OVER, Seen
from recommender.models import Impression, MutedFeature
from recommender.tests.test_pages import FOR_YOU, robots_fan, shown
from recommender.tests.trials import run
from recommender.tests.worlds import FIRST_ID, TITLES, make_sequel, train_all

__all__ = ["robots_fan"]
pytestmark = pytest.mark.django_db


def at(days_ago: float) -> datetime:
    return timezone.now() - timedelta(days=days_ago)


def seen(member: User, anime: int, days_ago: float, place: int = 0) -> Seen:
    return Seen(member.pk, anime, at(days_ago), place, 0.5, None)


def overlook(member: User, anime: int, days: int = 12) -> None:
    """On the first place of the page for so many days, up to yesterday."""
    for day in range(days, 0, -1):
        impressions.write([seen(member, anime, day)])


def row_of(member: User, anime: int) -> tuple[date, float, float]:
    found = Impression.objects.get(member=member, anime=anime)
    return found.last_on, found.looks_before, found.looks_last


def order(member: User, **more: object) -> list[int]:
    member.touch_list()
    return [rec.anime_id for rec in serving.recommend(member, **more)]  # type: ignore[arg-type]


# Writing


def test_a_page_is_noted_once_for_each_title(robots_fan: Client, newcomer: User) -> None:
    titles = shown(robots_fan.get(FOR_YOU))
    robots_fan.get(FOR_YOU)
    exposing.spool.empty()
    told = Impression.objects.order_by("place").values_list("member", "anime", "place")
    assert list(told) == [(newcomer.pk, pk, place) for place, pk in enumerate(titles)]
    first = Impression.objects.get(place=3)
    assert (first.looks_before, first.looks_last) == (0, pytest.approx(0.5))
    assert first.model == serving.active_models()["ease"].pk


def test_a_day_counts_once_however_often_it_comes_and_in_whatever_order(newcomer: User) -> None:
    today = timezone.localdate()
    for some in ([3, 3], [1], [3], [2], [1, 1]):
        impressions.write([seen(newcomer, FIRST_ID, day, place=3) for day in some])
    # The second day came after the third was written, and is left: never too much.
    assert row_of(newcomer, FIRST_ID) == (today - timedelta(days=1), 0.5, 0.5)
    impressions.write([seen(newcomer, FIRST_ID, 1, place=0)])
    assert row_of(newcomer, FIRST_ID) == (today - timedelta(days=1), 0.5, 1)


def test_where_it_first_stood_stays(newcomer: User) -> None:
    impressions.write([seen(newcomer, FIRST_ID, 1, place=2), seen(newcomer, FIRST_ID, 2, place=7)])
    impressions.write([seen(newcomer, FIRST_ID, 0, place=1)])
    assert Impression.objects.get().place == 7


def test_a_program_that_asks_is_nobody_who_looks(trained: list[User], client: Client) -> None:
    key = key_of(trained[0], scope=Scope.READ)
    client.get("/api/v1/recommend", headers={"Authorization": f"Bearer {key}"})
    exposing.spool.empty()
    assert not Impression.objects.exists()


def test_of_strangers_of_whoever_opted_out_and_of_previews_nothing_is_noted(
    robots_fan: Client, newcomer: User
) -> None:
    Client().get(FOR_YOU)
    User.objects.filter(pk=newcomer.pk).update(takes_part=False)
    robots_fan.get(FOR_YOU)
    robots_fan.head(FOR_YOU)
    exposing.spool.empty()
    assert not Impression.objects.exists()


def test_of_a_preview_nothing_is_noted(robots_fan: Client, newcomer: User) -> None:
    made = run()
    User.objects.filter(pk=newcomer.pk).update(is_staff=True)
    robots_fan.get(f"{FOR_YOU}?preview={made.variants.get(position=1).pk}")
    exposing.spool.empty()
    assert not Impression.objects.exists()


def test_a_guest_is_noted_like_anybody(trained: list[User]) -> None:
    client = Client()
    client.post(f"/anime/{FIRST_ID}/rate/", {"score": 9})
    client.get(FOR_YOU)
    exposing.spool.empty()
    assert set(Impression.objects.values_list("member__origin", flat=True)) == {Origin.GUEST}


# What tires


def test_what_is_passed_over_comes_later_and_the_page_says_so(
    robots_fan: Client, newcomer: User
) -> None:
    before = order(newcomer, top_n=TITLES)
    overlook(newcomer, before[0])
    after = order(newcomer, top_n=TITLES)
    assert after.index(before[0]) > 5
    assert [pk for pk in after if pk != before[0]] == [pk for pk in before if pk != before[0]]
    all_ = serving.recommend(newcomer, top_n=TITLES)
    (rec,) = [rec for rec in all_ if rec.anime_id == before[0]]
    (told,) = serving.breakdowns(newcomer, [rec])
    cause = next(cause for cause in told.causes if cause.feature == PASSED_OVER)
    assert cause.value < 0
    parts = sum(one.value for one in told.causes) + told.remainder
    assert parts == pytest.approx(rec.score, abs=1e-4)
    page = robots_fan.get(f"/for-you/why/{before[0]}/")
    assert "Shown to you again and again, and passed over" in page.text


def test_it_may_be_told_not_to_count(robots_fan: Client, newcomer: User) -> None:
    before = order(newcomer)
    overlook(newcomer, before[0])
    MutedFeature.objects.create(member=newcomer, name=PASSED_OVER)
    assert order(newcomer) == before


def test_a_list_does_not_move_while_it_is_read(robots_fan: Client, newcomer: User) -> None:
    first = order(newcomer)[0]
    for day in range(int(FREE_LOOKS) - 1, 0, -1):
        impressions.write([seen(newcomer, first, day)])
    impressions.write([seen(newcomer, first, 0)])
    looks = impressions.overlooked(
        Impression.objects.values_list("anime", "last_on", "looks_last", "looks_before")
    )
    assert len(looks) == 0
    Impression.objects.update(looks_before=10)
    assert order(newcomer)[0] != first


def test_what_was_opened_was_not_ignored(robots_fan: Client, newcomer: User) -> None:
    before = order(newcomer)
    overlook(newcomer, before[0])
    assert order(newcomer) != before
    robots_fan.get(f"/anime/{before[0]}/fit/", headers={"HX-Request": "true"})
    exposing.spool.empty()
    assert Impression.objects.get().opened_at
    assert order(newcomer) == before


def test_time_forgives(robots_fan: Client, newcomer: User) -> None:
    before = order(newcomer)
    overlook(newcomer, before[0])
    Impression.objects.update(last_on=timezone.localdate() - timedelta(days=90))
    assert order(newcomer) == before


def test_who_opts_out_is_tired_of_nothing(robots_fan: Client, newcomer: User) -> None:
    before = order(newcomer)
    overlook(newcomer, before[0])
    User.objects.filter(pk=newcomer.pk).update(takes_part=False)
    assert order(newcomer) == before


def found_by(member: User) -> list[int]:
    """As the page chooses it, experiments and all."""
    version = CatalogueVersion.now()
    question = {"models": serving.active_models(), "dials": NEUTRAL, "version": version}
    return [
        rec.anime_id for rec in recommended(member, trial_of(member, version), **question).found
    ]


def test_a_variant_may_do_without_fatigue(robots_fan: Client, newcomer: User) -> None:
    before = order(newcomer)
    overlook(newcomer, before[0])
    tired = order(newcomer)
    assert found_by(newcomer) == tired
    fresh = {"rules": {"fatigue": 0}}
    run("fresh", fresh, fresh)
    assert found_by(newcomer) == before


def test_a_variant_may_do_without_the_order_of_series(robots_fan: Client, newcomer: User) -> None:
    make_sequel(FIRST_ID + 2, FIRST_ID + 4)
    CatalogueVersion.advance()
    assert FIRST_ID + 4 not in found_by(newcomer)
    any_order = {"rules": {"series_order": False}}
    run("any-order", any_order, any_order)
    assert FIRST_ID + 4 in found_by(newcomer)


# What teaches


def test_answers_are_read_with_what_came_of_them(trained: list[User], newcomer: User) -> None:
    newcomer.origin = Origin.SIGNED_UP
    newcomer.save()
    for n in range(6):
        impressions.write([seen(newcomer, FIRST_ID + n, 2, place=n)])
    anime = {n: Anime.objects.get(pk=FIRST_ID + n) for n in range(6)}
    newcomer.rate(anime[0], score=9)
    newcomer.set_status(anime[1], "planned")
    newcomer.set_status(anime[2], "dropped")
    newcomer.dismiss(anime[3], "genre")
    impressions.opened([(newcomer.pk, FIRST_ID + 4, timezone.now())])
    found = datasets.read_interactions().shown
    assert found is not None
    assert (found.items - FIRST_ID).tolist() == [0, 1, 2, 3, 5]
    assert found.taken.tolist() == [True, True, False, False, False]
    assert found.refused.tolist() == [False, False, True, True, False]
    assert found.places.tolist() == [0, 1, 2, 3, 5]
    weights, _ = found.weights()
    assert weights[:4].tolist() == [1, 1, 1, 1]
    assert weights[4] < 0.6
    assert np.floor(found.days[0]) == (at(2).timestamp() // 86_400)


def test_what_was_on_the_list_before_or_came_by_import_is_no_answer(
    trained: list[User], newcomer: User
) -> None:
    newcomer.rate(Anime.objects.get(pk=FIRST_ID), score=9)
    newcomer.list_entries.update(rated_at=at(5))
    newcomer.list_entries.create(anime_id=FIRST_ID + 1, rated_at=at(0), source="mal_xml")
    for n in range(2):
        impressions.write([seen(newcomer, FIRST_ID + n, 2, place=n)])
    found = datasets.read_interactions().shown
    assert found is not None
    assert not found.taken.any()


def test_guests_and_made_up_members_teach_nothing(trained: list[User], newcomer: User) -> None:
    impressions.write([seen(newcomer, FIRST_ID, 2)])
    for origin in datasets.UNTAUGHT:
        User.objects.filter(pk=newcomer.pk).update(origin=origin)
        assert datasets.read_interactions().shown is None
    assert datasets.read_interactions(simulated=True).shown


def test_models_are_trained_with_answers_there(trained: list[User], newcomer: User) -> None:
    for n in range(6):
        impressions.write([seen(newcomer, FIRST_ID + n, 2, place=n)])
    newcomer.rate(Anime.objects.get(pk=FIRST_ID), score=9)
    plain = serving.active_models()["ease"].data_fingerprint
    (row,) = train_all("ease")
    assert row.data_fingerprint != plain


# Forgetting


def test_what_was_not_shown_for_long_is_forgotten(newcomer: User, settings) -> None:
    settings.EXPOSURES_DAYS = 30
    impressions.write([seen(newcomer, FIRST_ID, 31), seen(newcomer, FIRST_ID + 1, 29)])
    watching.look_after()
    assert Impression.objects.get().anime == FIRST_ID + 1


def test_of_whoever_opts_out_what_was_noted_goes(newcomer: User) -> None:
    impressions.write([seen(newcomer, FIRST_ID, 1)])
    other = User.objects.create_user("other")
    impressions.write([seen(other, FIRST_ID, 1)])
    User.objects.filter(pk=newcomer.pk).update(takes_part=False)
    watching.look_after()
    assert Impression.objects.get().member == other


def test_a_member_who_left_while_their_page_was_on_its_way(
    robots_fan: Client, newcomer: User
) -> None:
    robots_fan.get(FOR_YOU)
    newcomer.delete()
    exposing.spool.empty()
    assert not Impression.objects.exists()
