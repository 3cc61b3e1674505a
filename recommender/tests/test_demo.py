"""The demonstration as a fresh clone gets it."""

from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from catalog.models import Anime
from ratings.models import Origin, User, UserAnimeRating
from recommender import datasets, demo, quiz, serving
from recommender.engine.atlas import Atlas
from recommender.engine.interactions import Interactions
from recommender.engine.popularity import Popularity
from recommender.engine.quiz import QuizModel
from recommender.models import TrainedModel
from recommender.tests.worlds import train_all
from recommender.training import keep

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> None:
    call_command("load_demo")


def tables() -> list[object]:
    return [
        sorted(Anime.objects.values_list("pk", "title", "members", "mean_score")),
        sorted(UserAnimeRating.objects.values_list("user__username", "anime", "score", "status")),
        sorted(serving.active_models()),
    ]


def test_it_has_titles_members_and_models(loaded: None) -> None:
    assert Anime.objects.visible().count() >= 300
    served = set(serving.active_models())
    assert served - set(demo.SHIPPED_IF_TRAINED) == set(demo.SHIPPED)
    assert served == {folder.name for folder in demo.MODELS.iterdir()}
    assert User.objects.filter(origin=Origin.SIMULATED).count() == demo.SIMULATED_MEMBERS + 1
    assert not User.objects.real().exists()
    assert Anime.objects.filter(synopsis="").count() == 0


def test_loading_it_again_changes_nothing(loaded: None) -> None:
    before = tables()
    call_command("load_demo")
    assert tables() == before


def test_its_members_are_the_same_on_every_machine(loaded: None) -> None:
    lists = demo._simulated_lists(demo.SIMULATED_MEMBERS + 1)
    own = UserAnimeRating.objects.filter(user__username=demo.DEMO_USERNAME)
    assert sorted(own.values_list("anime", flat=True)) == sorted(lists[0].items.tolist())


def test_the_demo_member_is_recommended_to_with_reasons(loaded: None) -> None:
    member = User.objects.get(username=demo.DEMO_USERNAME)
    assert member.check_password(demo.DEMO_PASSWORD)
    found = serving.recommend(member, top_n=20)
    assert len(found) == 20
    assert all(rec.predicted_score and rec.causes for rec in found)
    assert found[0].reason.startswith("You ")


def test_a_public_site_gets_no_known_login() -> None:
    call_command("load_demo", "--no-members")
    assert not User.objects.exists()
    assert serving.active_model() is not None


def test_every_shipped_model_says_what_it_was_trained_on(loaded: None) -> None:
    for model in serving.active_models().values():
        assert "members; cut to" in model.provenance
        assert len(model.data_fingerprint) == 64


def test_a_quiz_that_is_served_is_shipped_and_asks_at_once(
    loaded: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo_member = User.objects.get(username=demo.DEMO_USERNAME)
    # This process holds the quiz that the repository ships, under the name that the next one gets.
    assert quiz.Quiz(demo_member).model is not None
    titles = list(Anime.objects.recommendable().values_list("pk", flat=True)[:60])
    who = [member for member in range(40) for _ in range(20)]
    what = [titles[(member * 7 + n * 3) % 60] for member in range(40) for n in range(20)]
    data = Interactions.of(who, what, [8] * len(who))
    keep(QuizModel().fit(data, datasets.read_features()), data).activate()
    monkeypatch.setattr(demo, "SHIPPED", (Popularity.kind,))
    written = demo.export_models(tmp_path / "shipped", titles[:30])
    assert "quiz: 30 titles" in written
    TrainedModel.objects.all().delete()
    monkeypatch.setattr(demo, "MODELS", tmp_path / "shipped")
    demo.install_models()
    now = quiz.Quiz(demo_member)
    assert now.model is not None
    assert set(now.next_titles(5)) <= set(titles[:30])
    assert now.genres


def test_every_title_of_the_demonstration_has_a_place_on_the_map(loaded: None) -> None:
    row = TrainedModel.objects.active().get(role=Atlas.kind)
    shown = Anime.objects.visible().values_list("pk", flat=True)
    assert np.isfinite(Atlas.load(row.path).positions_of(list(shown))).all()
    assert row.provenance.startswith("Trained on")


def test_some_kinds_alone_can_be_shipped_anew(world: list[User], tmp_path: Path) -> None:
    train_all("atlas", "clusters")
    ids = Anime.objects.values_list("pk", flat=True)
    written = demo.export_models(tmp_path / "shipped", ids, ["atlas", "clusters"])
    assert written == ["atlas: 30 titles", "clusters: 30 titles"]
    assert {folder.name for folder in (tmp_path / "shipped").iterdir()} == {"atlas", "clusters"}
    TrainedModel.objects.filter(role="atlas").update(is_active=False)
    with pytest.raises(serving.NothingTrained, match="atlas"):
        demo.export_models(tmp_path / "shipped", ids, ["atlas"])
