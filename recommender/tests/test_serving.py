import shutil
from datetime import date

import numpy as np
import pytest

from catalog.etl.changes import catalogue_changed
from catalog.models import Anime, AnimeRelation, CatalogueVersion, FamilyPart
from ratings.models import User
from recommender import serving
from recommender.datasets import read_list
from recommender.engine.artifacts import ArtifactError
from recommender.engine.interactions import EngineError
from recommender.impressions import NOTHING
from recommender.models import TrainedModel
from recommender.serving import Dials, adjusting, recommending
from recommender.serving import relations as serving_relations
from recommender.tests.worlds import FIRST_ID, TITLES, is_robot, make_sequel, train_all

ROBOT, TEA = FIRST_ID, FIRST_ID + 1


def ids(member: User, **asked) -> list[int]:
    return [rec.anime_id for rec in serving.recommend(member, **asked)]


def title(mal_id: int) -> Anime:
    return Anime.objects.get(pk=mal_id)


def test_one_rating_changes_the_list_without_training(trained, newcomer: User) -> None:
    before = ids(newcomer, top_n=10)
    newcomer.rate(title(TEA), score=10)
    after = ids(newcomer, top_n=10)
    assert after != before
    assert not any(map(is_robot, after))


def test_a_reason_names_what_the_member_gave(trained, newcomer: User) -> None:
    newcomer.rate(title(ROBOT), score=8)
    first = serving.recommend(newcomer, top_n=1)[0]
    assert "You gave Robot 0 an 8" in first.reason
    assert 0 < first.explained <= 1
    assert sum(cause.share for cause in first.causes) <= 1 + 1e-9


def test_a_reason_names_likes_before_anything_else(trained, newcomer: User) -> None:
    newcomer.rate(title(ROBOT), score=5)
    assert "You gave Robot 0 a 5" in serving.recommend(newcomer, top_n=1)[0].reason
    newcomer.rate(title(FIRST_ID + 2), score=9)
    named = {cause.label for rec in serving.recommend(newcomer, top_n=10) for cause in rec.causes}
    assert "Robot 2" in named
    assert "Robot 0" not in named


def test_taking_away_the_named_cause_lowers_the_score(trained) -> None:
    checked = 0
    for member in trained[:20]:
        first = serving.recommend(member, top_n=1)[0]
        cause = next(cause for cause in first.causes if cause.kind == "title")
        member.forget(title(cause.anime_id))
        again = {rec.anime_id: rec.score for rec in serving.recommend(member, top_n=TITLES)}
        assert again[first.anime_id] < first.score
        checked += 1
    assert checked == 20


def test_a_newcomer_is_answered_by_popularity(trained, newcomer: User) -> None:
    found = serving.recommend(newcomer, top_n=5)
    assert len(found) == 5
    assert {rec.reason for rec in found} == {serving.POPULAR}
    assert all(rec.predicted_score for rec in found)


def test_before_any_training_the_most_watched_come_first(world, newcomer: User) -> None:
    assert ids(newcomer, top_n=3) == [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2]
    assert serving.active_model() is None


def test_a_page_is_full_while_titles_exist(trained, newcomer: User) -> None:
    newcomer.rate(title(ROBOT), score=9)
    assert len(ids(newcomer, top_n=20)) == 20
    assert sorted([*ids(newcomer, top_n=100), ROBOT]) == [FIRST_ID + n for n in range(TITLES)]


def test_nothing_on_the_list_or_dismissed_is_recommended(trained, newcomer: User) -> None:
    newcomer.set_status(title(TEA), "planned")
    newcomer.rate(title(ROBOT), score=9)
    newcomer.dismiss(title(FIRST_ID + 2))
    assert not {TEA, ROBOT, FIRST_ID + 2} & set(ids(newcomer, top_n=100))
    newcomer.undo_dismiss(title(FIRST_ID + 2))
    assert FIRST_ID + 2 in ids(newcomer, top_n=100)


@pytest.mark.parametrize(
    "change",
    [{"is_adult": True}, {"is_stub": True}, {"type": "music"}, {"status": "upcoming"}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_not_shown_is_not_recommended(trained, newcomer: User, change: dict) -> None:
    Anime.objects.filter(pk=TEA).update(**change)
    assert TEA not in ids(newcomer, top_n=100)
    assert TEA not in [near.anime_id for near in serving.similar(FIRST_ID + 3, top_n=100)]


def test_a_sequel_waits_for_its_first_season(trained, newcomer: User) -> None:
    make_sequel(ROBOT, FIRST_ID + 2)
    newcomer.rate(title(FIRST_ID + 4), score=9)
    assert FIRST_ID + 2 not in ids(newcomer, top_n=100)
    newcomer.rate(title(ROBOT), score=9)
    assert FIRST_ID + 2 in ids(newcomer, top_n=100)
    newcomer.set_status(title(ROBOT), "dropped")
    assert FIRST_ID + 2 not in ids(newcomer, top_n=100)


def test_filters_narrow_the_titles_before_the_cut(trained, newcomer: User) -> None:
    newcomer.rate(title(ROBOT), score=10)
    teas = Anime.objects.filter(title__startswith="Tea").most_watched_first()
    found = ids(newcomer, top_n=10, among=teas)
    assert len(found) == 10
    assert not any(map(is_robot, found))


def test_titles_that_nobody_rated_come_in_by_their_content(trained, newcomer: User) -> None:
    fresh = Anime.objects.create(
        mal_id=FIRST_ID + 500, title="Robot fresh", synopsis="pilots in robots at war", type="tv"
    )
    train_all("content")
    newcomer.rate(title(ROBOT), score=10)
    found = ids(newcomer, top_n=100)
    assert fresh.pk in found
    near = [
        rec.anime_id
        for rec in serving.recommend(newcomer, top_n=1, among=Anime.objects.filter(pk=fresh.pk))
    ]
    assert near == [fresh.pk]


def test_a_new_model_is_noticed_without_a_restart(trained, newcomer: User) -> None:
    first = serving.active_model()
    train_all("ease")
    second = serving.active_model()
    assert first is not None
    assert second is not None
    assert first.pk != second.pk
    serving.recommend(newcomer)
    assert TrainedModel.objects.active().filter(role="ease").count() == 1


def test_another_model_can_be_asked_for(trained, newcomer: User) -> None:
    newcomer.rate(title(ROBOT), score=10)
    assert not any(map(is_robot, ids(newcomer, top_n=1, model="popularity")))
    with pytest.raises(EngineError, match="no model 'nonsense'"):
        serving.recommend(newcomer, model="nonsense")


def test_a_lost_artifact_is_logged_and_the_next_best_answers(
    trained, newcomer: User, caplog: pytest.LogCaptureFixture
) -> None:
    newcomer.rate(title(ROBOT), score=10)
    for model in TrainedModel.objects.active():
        shutil.rmtree(model.path)
    serving.forget_loaded()
    assert ids(newcomer, top_n=3) == [FIRST_ID + 1, FIRST_ID + 2, FIRST_ID + 3]
    assert "ease model cannot be used" in caplog.text
    with pytest.raises(ArtifactError, match="manifest"):
        serving.model_of("ease")


def test_similar_titles_say_what_they_share_and_leave_out_seasons(trained) -> None:
    make_sequel(ROBOT, FIRST_ID + 2)
    near = serving.similar(ROBOT, top_n=5)
    assert len(near) == 5
    assert all(is_robot(found.anime_id) for found in near)
    assert near[0].shared == ("Mecha",)
    assert not {ROBOT, FIRST_ID + 2} & {found.anime_id for found in near}


def test_similar_titles_leave_out_the_whole_franchise(trained) -> None:
    distant = serving.similar(ROBOT, top_n=5)[0].anime_id
    for pk in (ROBOT, distant):
        FamilyPart.objects.create(anime_id=pk, series=pk, franchise=ROBOT, place=0)
    CatalogueVersion.advance()
    near = serving.similar(ROBOT, top_n=5)
    assert len(near) == 5
    assert distant not in {found.anime_id for found in near}


def test_predicted_scores_leave_out_unknown_titles(trained, newcomer: User) -> None:
    found = serving.predict_scores(newcomer, [ROBOT, 1])
    assert list(found) == [ROBOT]
    assert 1 <= found[ROBOT] <= 10


def test_the_number_of_queries_does_not_grow_with_the_list(
    trained, newcomer: User, django_assert_max_num_queries
) -> None:
    newcomer.rate(title(ROBOT), score=9)
    for more in (0, 8):
        for n in range(2, 2 + more):
            newcomer.rate(title(FIRST_ID + n), score=7)
        serving.recommend(newcomer, top_n=1)
        # Models, version of the catalogue, own titles, what was said by hand; names of causes that
        # the process does not hold yet.
        with django_assert_max_num_queries(5):
            serving.recommend(newcomer, top_n=15)


def test_an_answer_is_kept_until_the_list_changes(
    trained, newcomer: User, django_assert_num_queries
) -> None:
    newcomer.rate(title(ROBOT), score=9)
    serving.recommend(newcomer)
    with django_assert_num_queries(2):  # models, version of the catalogue
        serving.recommend(newcomer)


# Who answers


def test_the_first_of_the_order_that_is_there_answers(world, newcomer: User) -> None:
    newcomer.rate(title(ROBOT), score=10)
    for kind in ("popularity", "content", "ease"):
        train_all(kind)
        active = serving.active_model()
        assert active is not None
        assert active.kind == kind
        assert is_robot(ids(newcomer, top_n=1)[0]) is (kind != "popularity")
        assert serving.model_of().kind == kind


def test_a_damaged_artifact_leaves_the_answer_to_the_next_of_the_order(
    trained, newcomer: User
) -> None:
    newcomer.rate(title(ROBOT), score=10)
    shutil.rmtree(TrainedModel.objects.active().get(role="ease").path)
    serving.forget_loaded()
    by_content = serving.recommend(newcomer, model="content", top_n=5)
    assert ids(newcomer, top_n=5) == [rec.anime_id for rec in by_content]


def test_with_nothing_trained_no_model_can_be_had(world) -> None:
    with pytest.raises(serving.NothingTrained, match="model has been trained yet"):
        serving.model_of()


# Rules


def test_a_recap_waits_for_the_story_it_sums_up(trained, newcomer: User) -> None:
    recap, other = FIRST_ID + 2, FIRST_ID + 6
    AnimeRelation.objects.create(anime_id=ROBOT, to_mal_id=recap, kind="summary")
    AnimeRelation.objects.create(anime_id=other, to_mal_id=FIRST_ID + 8, kind="full_story")
    newcomer.rate(title(FIRST_ID + 4), score=9)
    assert not {recap, other} & set(ids(newcomer, top_n=100))
    newcomer.rate(title(ROBOT), score=9)
    assert recap in ids(newcomer, top_n=100)


def test_what_is_corrected_by_hand_counts_after_a_while(
    trained, newcomer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sequel(ROBOT, TEA)
    assert TEA not in ids(newcomer, top_n=100)
    Anime.objects.filter(pk=ROBOT).update(aired_from="2010-01-01")
    Anime.objects.filter(pk=TEA).update(aired_from="2000-01-01")
    newcomer.touch_list()
    assert TEA not in ids(newcomer, top_n=100)
    monkeypatch.setattr(serving_relations, "OLDEST_SECONDS", -1)
    newcomer.touch_list()
    assert TEA in ids(newcomer, top_n=100)


def test_one_of_a_franchise_is_the_best_of_it_and_the_page_stays_full(
    trained, newcomer: User
) -> None:
    newcomer.rate(title(ROBOT), score=10)
    plain = ids(newcomer, top_n=100)
    # Told apart from each other, or the names would join all robots.
    for n in range(0, TITLES, 2):
        Anime.objects.filter(pk=FIRST_ID + n).update(title=f"{5 * chr(97 + n // 2)} machines")
    for side in plain[1:3]:
        AnimeRelation.objects.create(anime_id=plain[0], to_mal_id=side, kind="side_story")
    catalogue_changed()
    one = ids(newcomer, top_n=100, dials=Dials(per_franchise=1))
    assert one == [pk for pk in plain if pk not in plain[1:3]]
    two = ids(newcomer, top_n=100, dials=Dials(per_franchise=2))
    assert two == [pk for pk in plain if pk != plain[2]]
    assert len(ids(newcomer, top_n=20, dials=Dials(per_franchise=1))) == 20


def test_a_shared_character_makes_no_franchise(trained, newcomer: User) -> None:
    AnimeRelation.objects.create(anime_id=TEA, to_mal_id=TEA + 2, kind="character")
    found = ids(newcomer, top_n=100, dials=Dials(per_franchise=1))
    assert {TEA, TEA + 2} <= set(found)


# Dials


@pytest.mark.parametrize(
    "dials",
    [
        Dials(popularity=-1),
        Dials(popularity=1, diversity=1, exploration=0.5),
        Dials(diversity=1),
        Dials(exploration=0.5),
    ],
    ids=str,
)
def test_a_page_is_full_in_every_position_of_the_dials(
    trained, newcomer: User, dials: Dials
) -> None:
    newcomer.rate(title(ROBOT), score=9)
    few = ids(newcomer, top_n=20, dials=dials)
    everything = ids(newcomer, top_n=100, dials=dials)
    assert len(set(few)) == 20
    assert sorted([*everything, ROBOT]) == [FIRST_ID + n for n in range(TITLES)]


def test_neutral_dials_are_the_ranking_itself(trained, newcomer: User) -> None:
    newcomer.rate(title(ROBOT), score=9)
    ranker = serving.model_of("ease")
    expected = ranker.recommend(read_list(newcomer), 15).ids.tolist()
    assert ids(newcomer, top_n=15) == expected == ids(newcomer, top_n=15, dials=Dials())


def test_popularity_can_be_turned_both_ways(trained, newcomer: User) -> None:
    newcomer.rate(title(ROBOT), score=9)
    known = {pk: Anime.objects.get(pk=pk).members for pk in ids(newcomer, top_n=100)}

    def mean_of(popularity: float) -> float:
        found = ids(newcomer, top_n=10, dials=Dials(popularity=popularity))
        return sum(known[pk] for pk in found) / 10

    assert mean_of(-1) < mean_of(0) < mean_of(1)


def test_diversity_mixes_in_what_is_not_alike(trained, newcomer: User) -> None:
    newcomer.rate(title(ROBOT), score=10)
    assert all(map(is_robot, ids(newcomer, top_n=8)))
    assert not all(map(is_robot, ids(newcomer, top_n=8, dials=Dials(diversity=1))))


def test_chance_is_drawn_anew_each_day_and_says_how_likely_it_was(
    trained, newcomer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer.rate(title(ROBOT), score=10)
    lists = []
    for day in (1, 1, 2):
        today = date(2026, 3, day)
        monkeypatch.setattr(recommending.timezone, "localdate", lambda today=today: today)
        found = serving.recommend(newcomer, top_n=10, dials=Dials(exploration=0.5))
        assert all(0 < rec.propensity < 1 for rec in found)
        lists.append([rec.anime_id for rec in found])
    assert lists[0] == lists[1] != lists[2]
    assert {rec.propensity for rec in serving.recommend(newcomer, top_n=10)} == {1.0}


# Reasons


def test_the_exact_sum_of_every_recommendation_can_be_had(trained, newcomer: User) -> None:
    for n, score in ((0, 10), (2, 3), (4, None), (1, 8)):
        newcomer.rate(title(FIRST_ID + n), score=score)
    found = serving.recommend(newcomer, top_n=TITLES)
    sums = serving.breakdowns(newcomer, found)
    assert len(sums) == len(found) == TITLES - 4
    against = 0
    for rec, told in zip(found, sums, strict=True):
        total = sum(cause.value for cause in told.causes) + told.remainder
        assert total == pytest.approx(rec.score, abs=1e-5)
        assert told.score == pytest.approx(rec.score, abs=1e-5)
        assert sum(cause.share for cause in told.causes if cause.value > 0) == pytest.approx(1)
        assert {cause.label for cause in rec.causes} <= {cause.label for cause in told.causes}
        against += sum(cause.value < 0 for cause in told.causes)
    assert against > 0


def test_a_correction_reorders_and_is_named_in_the_sum(
    trained, newcomer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer.rate(title(ROBOT), score=10)
    assert is_robot(ids(newcomer, top_n=1)[0])

    def more_tea(member: User, wanted):
        assert member == newcomer
        return np.where(wanted.ids % 2 == TEA % 2, 5.0, -5.0)[:, None], ["your correction: Tea"]

    newcomer.touch_list()
    monkeypatch.setattr(adjusting, "adjustment", more_tea)
    said = adjusting.ByHand(True, (), (), NOTHING)
    monkeypatch.setattr(adjusting, "said_by_hand", lambda member: said)
    found = serving.recommend(newcomer, top_n=TITLES)
    assert not any(is_robot(rec.anime_id) for rec in found[:15])
    for rec, told in zip(found, serving.breakdowns(newcomer, found), strict=True):
        taste = next(cause for cause in told.causes if cause.feature == "your correction: Tea")
        assert taste.value == (-5 if is_robot(rec.anime_id) else 5)
        assert told.score == pytest.approx(rec.score, abs=1e-4)
