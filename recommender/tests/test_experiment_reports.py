"""What came of an experiment: attributed, counted, told."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from catalog.models import Anime
from ratings.models import User, UserAnimeRating, WatchStatus
from recommender.experiments import analysing, attributing, exposing, states, watching
from recommender.experiments.reading import sentences
from recommender.models import Experiment, ExperimentState, Exposure, Metric, Outcome
from recommender.tests.trials import USUAL, draft, run, show
from recommender.tests.worlds import FIRST_ID, TITLES, add_titles

pytestmark = pytest.mark.django_db
DAYS = 10


@pytest.fixture
def titles(db: None) -> list[Anime]:
    return add_titles()


def begun(name: str = "tried", days: int = DAYS, **more: Any) -> Experiment:
    """It started `days` ago."""
    made = run(name, USUAL, USUAL, **more)
    Experiment.objects.filter(pk=made.pk).update(started_at=timezone.now() - timedelta(days=days))
    made.refresh_from_db()
    return made


def rate(member: User, anime: int, at: datetime, **more: Any) -> None:
    UserAnimeRating.objects.create(user=member, anime_id=anime, rated_at=at, **more)


def played(
    experiment: Experiment, rates: tuple[float, float], number: int = 400, **said: Any
) -> list[User]:
    """`number` simulated members, a half in each variant; so many of each rate what they were shown."""
    rng = np.random.default_rng(9)
    members = User.objects.bulk_create(
        User(username=f"{experiment}-{n}", password="!") for n in range(number)
    )
    begin = timezone.now() - timedelta(days=DAYS)
    for n, member in enumerate(members):
        variant, at = n % 2, begin + timedelta(days=int(rng.integers(DAYS - 1)), hours=1)
        show(experiment, member, variant, at, range(FIRST_ID, FIRST_ID + 5))
        if rng.random() < rates[variant]:
            rate(member, FIRST_ID + int(rng.integers(5)), at + timedelta(hours=2), **said)
    return members


def reported(experiment: Experiment) -> analysing.Report:
    attributing.attribute(experiment)
    return analysing.report(experiment)


# What counts


def kinds(member: User) -> set[str]:
    return set(Outcome.objects.filter(member=member).values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ({"status": WatchStatus.PLANNED}, {"taken_up", "planned"}),
        (
            {"status": WatchStatus.COMPLETED, "score": 9},
            {"taken_up", "rated", "finished", "liked"},
        ),
        ({"status": WatchStatus.DROPPED}, {"taken_up", "disliked"}),
        ({"status": WatchStatus.WATCHING, "score": 4}, {"taken_up", "rated", "disliked"}),
        ({"status": WatchStatus.COMPLETED, "score": 9, "source": "mal_xml"}, set()),
    ],
)
def test_a_line_of_the_list_says_what_was_done(
    titles: list[Anime], newcomer: User, entry: dict[str, Any], wanted: set[str]
) -> None:
    made, now = begun(), timezone.now()
    show(made, newcomer, 1, now - timedelta(hours=2), [FIRST_ID])
    rate(newcomer, FIRST_ID, now - timedelta(hours=1), **entry)
    attributing.attribute(made)
    assert kinds(newcomer) == wanted


@pytest.mark.parametrize(
    ("shown", "rated", "counts"),
    [(2.0, 1.0, True), (1.0, 2.0, False), (9.0, 1.0, False), (7.9, 1.0, True)],
)
def test_it_counts_within_the_window_after_it_was_shown(
    titles: list[Anime], newcomer: User, shown: float, rated: float, counts: bool
) -> None:
    made, now = begun(days=30), timezone.now()
    show(made, newcomer, 1, now - timedelta(days=shown), [FIRST_ID])
    rate(newcomer, FIRST_ID, now - timedelta(days=rated))
    rate(newcomer, FIRST_ID + 1, now - timedelta(days=rated))
    attributing.attribute(made)
    assert kinds(newcomer) == ({"taken_up", "finished"} if counts else set())
    assert not Outcome.objects.exclude(anime=FIRST_ID).exists()


def test_to_attribute_again_finds_the_same_and_what_came_late(
    titles: list[Anime], newcomer: User
) -> None:
    made, now = begun(), timezone.now()
    show(made, newcomer, 1, now - timedelta(hours=5), [FIRST_ID])
    rate(newcomer, FIRST_ID, now - timedelta(hours=4), score=9)
    rate(newcomer, FIRST_ID + 1, now - timedelta(hours=4), score=9)
    for _ in range(2):
        attributing.attribute(made)
        made.refresh_from_db()
        assert Outcome.objects.count() == 4
    # A process that had died left this line.
    show(made, newcomer, 1, now - timedelta(hours=5), [FIRST_ID + 1])
    attributing.attribute(made)
    assert Outcome.objects.count() == 8


def test_not_interested_counts(titles: list[Anime], newcomer: User) -> None:
    made = begun()
    show(made, newcomer, 0, timezone.now() - timedelta(hours=2), [FIRST_ID])
    newcomer.dismiss(titles[0], "genre")
    attributing.attribute(made)
    assert kinds(newcomer) == {"not_interested"}


def test_a_page_that_was_opened_counts_where_the_title_had_been_shown(
    trained: list[User], client: Client
) -> None:
    run()
    client.force_login(trained[0])
    page = client.get("/for-you/")
    first = page.context["cards"][0]["anime"].pk
    other = next(
        pk for pk in range(FIRST_ID, FIRST_ID + TITLES)
        if pk not in {card["anime"].pk for card in page.context["cards"]}
    )  # fmt: skip
    for pk in (first, other, first):
        assert client.get(f"/anime/{pk}/fit/").status_code == 200
    exposing.spool.empty()
    assert list(Outcome.objects.values_list("kind", "anime")) == [("opened", first)]


# What is told


def test_a_variant_that_is_truly_better_is_found_and_said_to_be(titles: list[Anime]) -> None:
    made = begun(base_rate=0.2, wanted_lift=1.0)
    played(made, (0.2, 0.5))
    found = reported(made)
    (one,) = found.primary
    assert found.members == (200, 200)
    assert (one.is_found, one.is_better) == (True, True)
    assert one.look
    assert one.look.low > 0
    assert abs(one.at_once.value - 0.3) < 0.15
    assert sentences(found)[0].startswith("v1 is better: ")
    done = Outcome.objects.filter(kind="taken_up").values_list("variant", "member").distinct()
    assert one.treatment.value == sum(variant for variant, _ in done) / 200
    ps = [day.look.p for day in one.days]
    assert ps == sorted(ps, reverse=True)
    assert [day.members for day in one.days] == sorted(day.members for day in one.days)


def test_no_difference_is_called_chance_and_how_long_it_takes_is_said(titles: list[Anime]) -> None:
    made = begun(base_rate=0.3, wanted_lift=0.2)
    played(made, (0.3, 0.3))
    told = sentences(reported(made))
    assert "That may be chance." in told[0]
    assert told[1].endswith("after 10 of 28 days. Let it run.")


def test_nobody_and_few_are_said_to_be_so(titles: list[Anime]) -> None:
    made = begun()
    assert sentences(reported(made)) == ["Nobody was shown anything yet."]
    played(made, (1.0, 1.0), number=2)
    assert "There are too few members to compare." in sentences(reported(made))


def test_a_member_who_saw_two_variants_is_left_out(titles: list[Anime]) -> None:
    made = begun()
    members = played(made, (0.3, 0.3), number=60)
    show(made, members[0], 1, timezone.now(), [FIRST_ID])
    found = reported(made)
    assert (found.mixed, found.members) == (1, (29, 30))


def test_variants_that_lose_members_are_not_trusted_and_end_the_experiment(
    titles: list[Anime],
) -> None:
    made = begun()
    members = played(made, (0.3, 0.3), number=300)
    Exposure.objects.filter(member__in=[one.pk for one in members[:240:2]]).delete()
    found = reported(made)
    assert found.is_mismatch
    assert "Do not trust" in sentences(found)[0]
    watching.look_after()
    made.refresh_from_db()
    assert made.state == ExperimentState.STOPPED
    last = made.changes.last()
    assert last
    assert (last.by, "Do not trust" in last.said) == ("", True)


def test_a_broken_guardrail_ends_the_experiment_and_says_why(titles: list[Anime]) -> None:
    made = begun(base_rate=0.2, wanted_lift=1.0, guardrails=[Metric.DISLIKED])
    played(made, (0.05, 0.6), status=WatchStatus.DROPPED)
    watching.look_after()
    made.refresh_from_db()
    assert made.state == ExperimentState.STOPPED
    last = made.changes.last()
    assert last
    assert "A guardrail is broken: of v1" in last.said
    watching.look_after()
    assert made.changes.count() == 2


def test_an_experiment_that_does_no_harm_goes_on(titles: list[Anime]) -> None:
    made = begun(guardrails=[Metric.DISLIKED, Metric.NOT_INTERESTED])
    played(made, (0.2, 0.25))
    watching.look_after()
    made.refresh_from_db()
    assert made.state == ExperimentState.RUNNING
    assert made.counted_at


def test_one_that_cannot_be_looked_after_holds_up_no_other(
    titles: list[Anime], caplog: pytest.LogCaptureFixture
) -> None:
    """Its guardrails were written by hand, past every form."""
    broken, other = begun("broken"), begun("other", layer="page")
    played(broken, (0.3, 0.3), number=60)
    Experiment.objects.filter(pk=broken.pk).update(guardrails=["happiness"])
    watching.look_after()
    other.refresh_from_db()
    assert other.counted_at
    assert "Experiment broken could not be looked after" in caplog.text


# The command


def call(*words: str) -> str:
    out = io.StringIO()
    call_command("experiment", *words, stdout=out)
    return out.getvalue()


def test_the_command_goes_from_a_draft_to_a_decision(titles: list[Anime]) -> None:
    made = draft("tried", USUAL, USUAL, base_rate=0.2, wanted_lift=1.0)
    assert call("list").split() == ["tried", "Draft"]
    assert "tried runs. It needs" in call("start", "tried")
    Experiment.objects.update(started_at=timezone.now() - timedelta(days=DAYS))
    made.refresh_from_db()
    played(made, (0.2, 0.5))
    assert "v1 is better" in call("report", "tried")
    told = json.loads(call("report", "tried", "--json"))
    assert told["primary"][0]["is_found"] is True
    assert [one["members"] for one in told["variants"]] == [200, 200]
    call("stop", "tried", "--said", "Found.")
    assert "decided: v1" in call("decide", "tried", "--winner", "v1")
    made.refresh_from_db()
    assert made.winner == made.variants.get(name="v1")
    assert states.Experiment.objects.get().state == ExperimentState.DECIDED


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "nothing"), "There is no experiment nothing"),
        (("stop", "tried"), "cannot become stopped"),
        (("report", "tried"), "has not begun"),
    ],
)
def test_the_command_says_what_is_wrong(titles: list[Anime], words: Any, said: str) -> None:
    draft("tried")
    with pytest.raises(CommandError, match=said):
        call(*words)


def test_there_is_no_such_variant_to_win(titles: list[Anime]) -> None:
    states.stop(run("tried"), by="boss")
    with pytest.raises(CommandError, match="no variant best"):
        call("decide", "tried", "--winner", "best")
