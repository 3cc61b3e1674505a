import shutil

import pytest

from catalog.models import Anime
from ratings.models import User
from recommender import serving
from recommender.engine.artifacts import ArtifactError
from recommender.engine.interactions import EngineError
from recommender.models import TrainedModel
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


def test_predicted_scores_leave_out_unknown_titles(trained, newcomer: User) -> None:
    found = serving.predict_scores(newcomer, [ROBOT, 1])
    assert list(found) == [ROBOT]
    assert 1 <= found[ROBOT] <= 10


def test_the_number_of_queries_does_not_grow_with_the_list(
    trained, newcomer: User, django_assert_num_queries
) -> None:
    newcomer.rate(title(ROBOT), score=9)
    for more in (0, 8):
        for n in range(2, 2 + more):
            newcomer.rate(title(FIRST_ID + n), score=7)
        serving.recommend(newcomer, top_n=1)
        # models, allowed titles, own titles, dismissed ones, the list, dismissed ones again with it,
        # reachable titles and edges for the series order, names of the causes
        with django_assert_num_queries(9):
            serving.recommend(newcomer, top_n=15)


def test_an_answer_is_kept_until_the_list_changes(
    trained, newcomer: User, django_assert_num_queries
) -> None:
    newcomer.rate(title(ROBOT), score=9)
    serving.recommend(newcomer)
    with django_assert_num_queries(4):  # models, allowed titles, own titles, dismissed ones
        serving.recommend(newcomer)
