import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Anime
from ratings.models import Origin, User, UserAnimeRating
from recommender import serving, tasks, training
from recommender.datasets import read_interactions, read_list
from recommender.engine import registry
from recommender.engine.linear import Ease
from recommender.engine.prior import Prior
from recommender.models import ModelState, TrainedModel, TrainingRun
from recommender.tests.worlds import FIRST_ID, TITLES, add_members, add_titles, is_robot


def run_command(name: str, *args: str) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_training_serves_every_model_with_its_figures(world) -> None:
    printed = run_command("train", "--min-members", "20")
    assert "served now" in printed
    assert set(serving.active_models()) == set(registry.KINDS)
    ease = TrainedModel.objects.get(kind="ease")
    assert 0 < ease.metrics["at"][0]["ndcg"] <= 1
    assert ease.data_fingerprint == read_interactions().fingerprint()
    assert json.loads((ease.path / "manifest.json").read_text())["provenance"] == ease.provenance
    assert TrainingRun.objects.get().state == ModelState.DONE


def test_one_model_can_be_trained_and_kept_aside(trained) -> None:
    before = serving.active_model()
    run_command(
        "train", "--model", "ease", "--no-activate", "--no-evaluation", "--min-members", "20"
    )
    assert serving.active_model() == before
    assert TrainedModel.objects.filter(kind="ease").count() == 2


def test_too_few_members_are_refused_and_nothing_changes(db) -> None:
    add_titles()
    add_members(3)
    with pytest.raises(CommandError, match="3 members have a list; 50 are needed") as refusal:
        run_command("train")
    assert refusal.value.returncode == 2
    assert not TrainedModel.objects.exists()
    assert TrainingRun.objects.get().state == ModelState.FAILED


def test_three_members_learn_from_the_shipped_prior(db, settings) -> None:
    add_titles()
    add_members(60)
    Prior.of(read_interactions(), least_members=2).save(settings.PRIOR_DIR)
    User.objects.filter(external_id__gte=3).delete()
    run_command("train")
    trained = {model.kind for model in TrainedModel.objects.active()}
    assert trained == set(registry.FOR_SMALL_INSTANCES)
    newcomer = User.objects.create_user("newcomer")
    newcomer.rate(Anime.objects.get(pk=FIRST_ID), score=9)
    # Three lists hold few of the robots; what to watch next comes from the prior.
    found = [rec.anime_id for rec in serving.recommend(newcomer, top_n=5)]
    assert all(map(is_robot, found))


def test_simulated_members_are_not_learnt_from(db) -> None:
    add_titles()
    add_members(5, origin=Origin.SIMULATED)
    assert len(read_interactions()) == 0
    assert len(read_interactions(simulated=True)) == 45


def test_a_failing_fit_leaves_what_is_served(trained, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {role: model.pk for role, model in serving.active_models().items()}
    whole = Ease.fit

    def interrupted(self: Ease, *args: object) -> Ease:
        whole(self, *args)
        raise MemoryError("no memory left")

    monkeypatch.setattr(Ease, "fit", interrupted)
    with pytest.raises(CommandError, match="no memory left"):
        run_command("train", "--min-members", "20")
    assert {role: model.pk for role, model in serving.active_models().items()} == before
    assert TrainingRun.objects.first().error == "no memory left"


def test_the_worker_trains_what_was_asked_for(
    world, settings, django_capture_on_commit_callbacks
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    tasks.train_models.app.conf.task_always_eager = True
    add_members(1, origin=Origin.MAL2020)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            run = training.enqueue(["popularity"])
            assert run.state == ModelState.QUEUED
    finally:
        tasks.train_models.app.conf.task_always_eager = False
    run.refresh_from_db()
    assert (run.state, run.percent) == (ModelState.DONE, 100)
    assert [model.kind for model in run.trained.all()] == ["popularity"]


def test_a_night_with_too_few_members_changes_nothing(db) -> None:
    tasks.train_nightly()
    assert TrainingRun.objects.get().state == ModelState.FAILED
    assert not TrainedModel.objects.exists()


def test_dropped_and_dismissed_titles_count_against(trained) -> None:
    member = trained[0]
    entry = member.list_entries.first()
    member.set_status(entry.anime, "dropped")
    other = next(
        n for n in range(TITLES) if not member.list_entries.filter(anime_id=FIRST_ID + n).exists()
    )
    member.dismiss(entry.anime.__class__.objects.get(pk=FIRST_ID + other))
    list_ = read_list(member)
    weights = dict(zip(list_.items.tolist(), list_.weights.tolist(), strict=True))
    assert weights[entry.anime_id] < 0
    assert weights[FIRST_ID + other] < 0


def test_a_planned_title_tells_nothing(trained) -> None:
    member = trained[0]
    entry = member.list_entries.first()
    member.set_status(entry.anime, "planned")
    assert entry.anime_id not in read_list(member).items


def test_the_leaderboard_prints_split_and_seed_and_writes_json(world, tmp_path: Path) -> None:
    file = tmp_path / "board.json"
    kinds = ("popularity", "ease", registry.SCORER)
    asked = [word for kind in kinds for word in ("--model", kind)]
    printed = run_command("evaluate", *asked, "--members", "12", "--seed", "3", "--json", str(file))
    assert "seed 3" in printed
    figures = json.loads(file.read_text())
    measured = figures["sections"]["members"]
    assert [model["kind"] for model in measured["models"]] == list(kinds)
    assert figures["data"]["origins"] == {Origin.COOPERUNION: 60}
    assert figures["data"]["fingerprint"] == read_interactions().fingerprint()
    assert "--seed 3" in figures["command"]
    assert figures["machine"]["cores"] >= 1
    table = printed.split("First 20 titles:")[1].split("\n\n")[0]
    ranked = [line.split()[0] for line in table.splitlines()[3:]]
    assert ranked.index("ease") < ranked.index("popularity")


def test_a_page_is_made_again_from_the_file_without_fitting(
    world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, one, other = tmp_path / "board.json", tmp_path / "one.md", tmp_path / "other.md"
    asked = ("--model", "popularity", "--sections", "members", "--members", "12")
    printed = run_command("evaluate", *asked, "--json", str(file), "--page", str(one))
    monkeypatch.setattr(registry, "create", None)
    UserAnimeRating.objects.all().delete()
    again = run_command("evaluate", "--from", str(file), "--page", str(other))
    assert again == printed
    assert other.read_text() == one.read_text()
    assert "(board.json)" in one.read_text()


def test_sections_measured_one_by_one_are_joined_on_one_page(world, tmp_path: Path) -> None:
    files = [str(tmp_path / f"{section}.json") for section in ("random", "members")]
    for section, file in zip(("random", "members"), files, strict=True):
        asked = ("--model", "popularity", "--members", "12", "--sections", section)
        run_command("evaluate", *asked, "--json", file)
    both, page = tmp_path / "both.json", tmp_path / "both.md"
    sources = [word for file in files for word in ("--from", file)]
    run_command("evaluate", *sources, "--json", str(both), "--page", str(page))
    joined = json.loads(both.read_text())
    assert list(joined["sections"]) == ["members", "random"]
    assert [line.split("--sections ")[1].split()[0] for line in joined["command"].split("\n")] == [
        "random",
        "members",
    ]
    assert "which these commands wrote" in page.read_text()


def test_figures_of_other_lists_are_not_joined(world, tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("one.json", "other.json")]
    asked = ("--model", "popularity", "--members", "12", "--sections", "members")
    run_command("evaluate", *asked, "--json", files[0])
    UserAnimeRating.objects.filter(user=world[0]).delete()
    run_command("evaluate", *asked, "--json", files[1])
    with pytest.raises(CommandError, match="their data differ"):
        run_command("evaluate", "--from", files[0], "--from", files[1])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--sections", "members,weather"], "no section weather"),
        (["--sections", ""], "no section given"),
        (["--json", "/nowhere/board.json"], "there is no folder /nowhere"),
        (["--from", "/nowhere/board.json"], "No such file"),
    ],
)
def test_what_an_evaluation_cannot_do_is_said_before_it_begins(
    world, wrong: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "create", None)
    with pytest.raises(CommandError, match=said) as refusal:
        run_command("evaluate", *wrong)
    assert refusal.value.returncode == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [("no json", "is no JSON"), ("[]", "not written by"), ('{"format": 0}', "not written by")],
)
def test_a_file_that_is_no_leaderboard_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "board.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=said):
        run_command("evaluate", "--from", str(file))


@pytest.mark.parametrize("wrong", [["--hidden", "0"], ["--hidden", "1"], ["--members", "0"]])
def test_an_impossible_split_is_refused(world, wrong: list[str]) -> None:
    with pytest.raises(CommandError) as refusal:
        run_command("evaluate", *wrong)
    assert refusal.value.returncode == 2


def test_an_evaluation_without_data_says_what_to_do(db) -> None:
    with pytest.raises(CommandError, match="load_dataset"):
        run_command("evaluate")


# --- lists in files


def write(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "lists.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def recommend(file: Path, *args: str) -> list[list[str]]:
    output = file.with_name("recs.csv")
    run_command("recommend_lists", "--input", str(file), "--output", str(output), *args)
    return [line.split(",") for line in output.read_text().splitlines()]


def test_lists_in_a_file_are_answered(trained, tmp_path: Path) -> None:
    file = write(
        tmp_path,
        f"user_id,anime_id,rating\n7,{FIRST_ID},9\n7,{FIRST_ID + 2},-1\n8,{FIRST_ID + 1},10\n9,1,5\n",
    )
    rows = recommend(file, "--top", "5")
    assert rows[0] == ["user_id", "rank", "anime_id", "score"]
    assert [row[0] for row in rows[1:]] == ["7"] * 5 + ["8"] * 5 + ["9"] * 5
    assert [row[1] for row in rows[1:6]] == list("12345")
    assert str(FIRST_ID) not in [row[2] for row in rows[1:6]]
    assert all(int(row[2]) % 2 == 0 for row in rows[1:6])


def test_plain_leaves_out_the_rules_but_never_lists_seen_titles(trained, tmp_path: Path) -> None:
    UserAnimeRating.objects.first().anime.__class__.objects.filter(pk=FIRST_ID + 2).update(
        is_adult=True
    )
    file = write(tmp_path, f"user_id,anime_id,rating\n7,{FIRST_ID},9\n")
    with_rules, plain = (
        [row[2] for row in recommend(file, "--top", "100", *more)] for more in ([], ["--plain"])
    )
    assert str(FIRST_ID + 2) in plain
    assert str(FIRST_ID + 2) not in with_rules
    assert str(FIRST_ID) not in plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("user_id,anime_id,rating\n1,5,11\n", "line 2: rating: 11 is not -1 or 1 to 10"),
        ("user_id,anime_id,rating\n1,5,8\n1,x,8\n", "line 3: anime_id: 'x' is not a whole number"),
        ("user_id,anime_id,rating\n1,5\n", "line 2: a field is missing"),
        ("user_id,anime_id,rating\n1,99999999999,8\n", "line 2: ids lie between"),
        ("user,anime\n", "line 1: the header lacks user_id, anime_id, rating"),
        ("", "line 1: the header lacks"),
        ("user_id,anime_id,rating\n", "there are no lists"),
        (b"\x89PNG\r\n\xff\xfe", "not a text file"),
        ("user_id,anime_id,rating\n1,5,\x00\n", "line 2"),
    ],
)
def test_a_bad_file_is_named_by_line_and_field(
    trained, tmp_path: Path, text: str | bytes, said: str
) -> None:
    file = write(tmp_path, text)
    with pytest.raises(CommandError, match=r"lists\.csv") as refusal:
        recommend(file)
    assert said in str(refusal.value)
    assert refusal.value.returncode == 2
    assert not (tmp_path / "recs.csv").exists()


def test_a_missing_file_or_model_is_said(trained, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no file"):
        recommend(tmp_path / "nowhere.csv")
    TrainedModel.objects.all().delete()
    with pytest.raises(CommandError, match="no hybrid model has been trained yet"):
        recommend(write(tmp_path, "user_id,anime_id,rating\n1,5,8\n"))
