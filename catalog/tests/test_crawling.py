"""A source that plays up into the catalogue: complete, correct, and never less than before."""

import pytest
from django.utils import timezone

from benchmarks.jikan_server import invented
from catalog.etl import crawl_plans, crawling
from catalog.etl.fetching.breaker import Breaker
from catalog.models import Absence, Anime, AnimeSnapshot, ImportRun, RunState, SourceRecord
from catalog.models.runs import DEAD_AFTER

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = 9_000_001


def test_a_whole_catalogue_is_read_in_order(source, crawl):
    server = source(130)
    run = crawl(server)
    assert (run.state, run.cursor, run.total) == ("done", "end", 130)
    assert (run.counts["read"], run.counts["loaded"]) == (130, 130)
    assert Anime.objects.count() == SourceRecord.objects.count() == 130
    anime = Anime.objects.get(pk=FIRST)
    assert anime.title.endswith("9000001")
    assert (anime.synonyms.count(), anime.genres.count()) == (1, 5)
    assert not anime.synopsis.endswith("]")
    assert "order_by=mal_id" in server.requests[0][1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_fifth_of_the_answers_may_fail(source, crawl, seed):
    server = source(400, failing=0.2, seed=seed, stall=0.3, page_size=10)
    run = crawl(server)
    while run.state == "partial":
        run = crawl(server, run=crawling.take_over(run))
    assert sum(server.wrong.values()) > 3
    assert (run.state, run.counts["loaded"]) == ("done", 400)
    assert sorted(Anime.objects.values_list("pk", flat=True)) == server.ids


@pytest.mark.parametrize("wrong", ["duplicate", "skip"])
def test_titles_that_slip_between_pages_are_found_by_looking_again(source, crawl, wrong):
    server = source(200, failing=1.0, kinds=(wrong,), once=True, page_size=10)
    run = crawl(server)
    assert server.wrong[wrong] == 20
    assert (run.state, Anime.objects.count()) == ("done", 200)


def test_the_same_again_changes_nothing_but_was_said_today(source, crawl):
    server = source(50)
    crawl(server)
    Anime.objects.update(synopsis="A curator's words.")
    SourceRecord.objects.update(fetched_at=timezone.now() - timezone.timedelta(days=9))
    run = crawl(server)
    assert (run.counts["updated"], run.counts["unchanged"]) == (0, 50)
    assert set(Anime.objects.values_list("synopsis", flat=True)) == {"A curator's words."}
    assert not SourceRecord.objects.filter(fetched_at__lt=run.started_at).exists()
    assert AnimeSnapshot.objects.count() == 50


def test_what_an_answer_leaves_out_takes_nothing_away(source, crawl):
    server = source(10)
    crawl(server)
    before = Anime.objects.values().get(pk=FIRST)
    server.changed[FIRST] = dict.fromkeys(
        (
            "synopsis",
            "episodes",
            "rating",
            "season",
            "year",
            "score",
            "members",
            "broadcast",
            "aired",
        ),
    ) | {"studios": [], "genres": [], "title_synonyms": None, "titles": None, "images": None}
    run = crawl(server)
    assert run.counts["updated"] == 1
    assert Anime.objects.values().get(pk=FIRST) == before
    assert Anime.objects.get(pk=FIRST).genres.count() == 5


def test_a_title_that_turns_adult_is_hidden_at_once(source, crawl):
    server = source(3)
    crawl(server, {"ids": [FIRST]})
    server.changed[FIRST] = {
        "explicit_genres": [{"mal_id": 12, "name": "Whatever it is called now"}]
    }
    crawl(server, {"ids": [FIRST]})
    assert Anime.objects.get(pk=FIRST).is_adult


def test_unknown_words_are_kept_and_counted(source, crawl):
    server = source(10)
    server.changed[FIRST] = {"type": "Hologram", "source": "Dream diary"}
    run = crawl(server)
    assert run.counts["notes"] == {
        "unknown word kept: source 'Dream diary'": 1,
        "unknown word kept: type 'Hologram'": 1,
    }
    assert Anime.objects.get(pk=FIRST).type == "Hologram"


def test_an_entry_that_cannot_be_right_is_named_and_the_others_load(source, crawl):
    server = source(10)
    server.changed[FIRST] = {"episodes": "a dozen"}
    server.changed[FIRST + 1] = {
        "genres": 7,
        "studios": "one",
        "aired": 4,
        "titles": {},
        "images": [],
    }
    server.changed[FIRST + 2] = {"mal_id": None}
    run = crawl(server)
    assert (run.state, run.counts["loaded"]) == ("done", 8)
    assert "jikan, title 9000001: episodes: 'a dozen' is not a episodes to keep" in run.errors
    assert any("a title without an id" in error for error in run.errors)


def test_a_title_without_a_name_or_not_approved_waits(source, crawl):
    server = source(10)
    server.changed[FIRST] = {"title": None, "titles": []}
    server.changed[FIRST + 1] = {"approved": False}
    run = crawl(server)
    assert (run.state, run.counts["loaded"], run.counts["left_out"]) == ("done", 8, 2)
    assert not Absence.objects.exists()


def test_ids_are_asked_for_one_by_one_with_their_relations(source, crawl):
    server = source(10)
    run = crawl(server, {"ids": [FIRST, FIRST + 1]})
    assert (run.state, run.total, run.counts["loaded"]) == ("done", 2, 2)
    assert all("/full" in path for _, path, _ in server.requests)
    edges = set(Anime.objects.get(pk=FIRST).relations.values_list("kind", "to_mal_id"))
    # The manga that it is made from is no edge here.
    assert edges == {("sequel", FIRST + 1), ("prequel", FIRST - 1)}


def test_a_season_is_read(source, crawl):
    server = source(300)
    a_title = next(told for told in map(invented, server.ids) if told["season"])
    season, year = a_title["season"], a_title["year"]
    run = crawl(server, crawl_plans.wish(season=f"{season} {year}"))
    told = {(anime.season, anime.year) for anime in Anime.objects.all()}
    assert (run.state, told) == ("done", {(season, year)})


def test_a_season_that_the_source_does_not_have_fails_with_its_words(source, crawl):
    run = crawl(source(5), crawl_plans.wish(season="spring 1905"))
    assert (run.state, run.errors) == ("failed", ["jikan answers 404: Resource does not exist"])


def test_only_stale_titles_are_asked_for_the_longest_ago_first(source, crawl):
    server = source(6)
    crawl(server)
    now = timezone.now()
    for place, told in enumerate(SourceRecord.objects.order_by("anime")):
        told.fetched_at = now - timezone.timedelta(days=place)
        told.save()
    Anime.objects.create(mal_id=FIRST + 500, is_stub=True)
    server.requests.clear()
    wish = crawl_plans.wish(since=timezone.localdate() - timezone.timedelta(days=2), at_most=3)
    run = crawl(server, wish)
    asked = sorted(int(path.split("/")[3]) for _, path, _ in server.requests)
    # One was never asked for; of the others the two stalest.
    assert asked == [FIRST + 4, FIRST + 5, FIRST + 500]
    assert (run.state, run.counts["absent"]) == ("done", 1)


@pytest.mark.parametrize(
    ("only", "expected"), [("airing", [1]), ("recent", [2]), ("old", [3]), ("", [1, 2, 3, 4])]
)
def test_titles_are_chosen_by_their_age(only, expected):
    today = timezone.localdate()
    for pk, status, aired in (
        (1, "airing", today),
        (2, "finished", today - timezone.timedelta(days=90)),
        (3, "finished", today - timezone.timedelta(days=900)),
        (4, "upcoming", None),
    ):
        Anime.objects.create(mal_id=pk, title=f"Orchard {pk}", status=status, aired_from=aired)
    assert crawl_plans.ids_of("jikan", crawl_plans.wish(since=today, only=only)) == expected


def test_a_title_is_gone_after_three_days_of_denial_and_back_when_it_is_told_of(
    source, crawl, monkeypatch
):
    server = source(5)
    crawl(server)
    server.gone = {FIRST}
    today = timezone.localdate()
    for day, gone in ((0, None), (0, None), (1, None), (2, 2)):
        then = today + timezone.timedelta(days=day)
        monkeypatch.setattr(timezone, "localdate", lambda then=then: then)
        run = crawl(server, {"ids": [FIRST]})
        expected = None if gone is None else today + timezone.timedelta(days=gone)
        assert (run.state, Anime.objects.get(pk=FIRST).gone_on) == ("done", expected)
    server.gone = set()
    run = crawl(server, {"ids": [FIRST]})
    assert (run.counts["back"], Anime.objects.get(pk=FIRST).gone_on) == (1, None)
    assert not Absence.objects.exists()


@pytest.mark.parametrize("lie", [10**9, 10**20])
def test_a_source_that_promises_titles_without_end_is_read_as_far_as_it_goes(source, crawl, lie):
    server = source(30, page_size=10)
    server.promises = lie
    run = crawl(server)
    assert (run.state in ("done", "partial"), run.counts["loaded"]) == (True, 30)


def test_a_source_that_denies_all_it_is_asked_for_is_not_believed(source, crawl):
    server = source(40)
    crawl(server)
    server.gone = set(server.ids)
    SourceRecord.objects.filter(anime=FIRST).update(fetched_at=timezone.now())
    run = crawl(server, {"ids": server.ids[1:]})
    assert (run.state, Absence.objects.count()) == ("partial", 0)
    assert "denies" in run.errors[-1]
    server.gone.discard(FIRST)
    # It tells of what it told of before, so it knows what it says of the others.
    run = crawl(server, {"ids": server.ids[1:]})
    assert (run.state, Absence.objects.count()) == ("done", 39)


def test_a_full_crawl_that_lacks_a_title_takes_nothing_away(source, crawl):
    server = source(30)
    crawl(server)
    server.gone = set(server.ids[:5])
    run = crawl(server)
    assert (run.state, Anime.objects.count(), Absence.objects.count()) == ("done", 30, 0)


def test_a_source_that_goes_down_leaves_a_partial_run_that_goes_on(source, crawl):
    server = source(100, page_size=10)
    server.always["page=4"] = "503"
    server.always["page=5"] = "503"
    server.always["page=6"] = "503"
    run = crawl(server, breaker=Breaker("jikan", limit=10, first=0.2))
    assert run.state == "partial"
    assert "left alone" in run.errors[-1]
    assert 0 < Anime.objects.count() < 100
    server.always.clear()
    Breaker("jikan").succeeded()
    run = crawl(server, run=crawling.take_over(run))
    assert (run.state, run.counts["loaded"], Anime.objects.count()) == ("done", 100, 100)


def test_a_page_that_cannot_be_had_is_passed_over_and_asked_for_later(source, crawl):
    server = source(100, page_size=10)
    server.always["page=4&"] = "500"
    run = crawl(server)
    assert (run.state, run.cursor, Anime.objects.count()) == ("partial", "end;4", 90)
    server.always.clear()
    server.requests.clear()
    run = crawl(server, run=crawling.take_over(run))
    assert (run.state, run.cursor, Anime.objects.count()) == ("done", "end", 100)
    assert len(server.requests) == 1


def test_a_crawl_that_saw_less_than_was_promised_is_not_called_done(source, crawl, monkeypatch):
    server = source(100, page_size=10)
    monkeypatch.setattr(server, "_there", lambda: server.ids[:50])
    real = server._page
    monkeypatch.setattr(
        server, "_page", lambda *asked: real(*asked).replace(b'"total": 50', b'"total": 100')
    )
    run = crawl(server)
    assert (run.state, Anime.objects.count()) == ("partial", 50)


def test_a_run_that_is_cancelled_stops_between_pages_and_keeps_what_it_has(
    source, crawl, monkeypatch
):
    server = source(100, page_size=10)
    run = crawling.begin("jikan", {"full": True})
    from catalog.etl import crawler

    monkeypatch.setattr(crawler, "CHUNK", 10)
    real = crawler.load_records
    loads = []

    def load(*records, **how):
        loads.append(1)
        if len(loads) == 3:
            crawling.ask_to_cancel(ImportRun.objects.get(pk=run.pk))
        return real(*records, **how)

    monkeypatch.setattr(crawler, "load_records", load)
    monkeypatch.setattr(crawler, "FLUSH_AFTER", 0)
    run = crawl(server, run=run)
    assert run.state == "cancelled"
    assert Anime.objects.count() == run.counts["loaded"] < 100
    run = crawl(server, run=crawling.take_over(run))
    assert (run.state, Anime.objects.count()) == ("done", 100)


def test_two_workers_do_not_read_one_source(source):
    source(5)
    crawling.begin("jikan", {"full": True})
    with pytest.raises(crawling.Busy, match="being read already"):
        crawling.begin("jikan", {"ids": [FIRST]})


def test_a_run_whose_worker_died_is_told_from_one_that_lives_and_is_taken_over_once(source):
    source(5)
    run = crawling.begin("jikan", {"full": True})
    assert (run.is_alive, run.is_dead) == (True, False)
    ImportRun.objects.update(beat_at=timezone.now() - 2 * DEAD_AFTER)
    first, second = ImportRun.objects.get(), ImportRun.objects.get()
    assert (first.is_alive, first.is_dead) == (False, True)
    crawling.take_over(first)
    with pytest.raises(crawling.Busy):
        crawling.take_over(second)


def test_a_new_run_marks_the_dead_one(source):
    source(5)
    dead = crawling.begin("jikan", {"full": True})
    ImportRun.objects.update(beat_at=timezone.now() - 2 * DEAD_AFTER)
    crawling.begin("jikan", {"ids": [FIRST]})
    dead.refresh_from_db()
    assert (dead.state, dead.errors) == ("failed", ["its worker was killed before the end"])


def test_a_worker_that_was_taken_for_dead_writes_nothing_more(source, crawl):
    server = source(5)
    run = crawling.begin("jikan", {"full": True})
    ImportRun.objects.update(state=RunState.FAILED)
    run = crawl(server, run=run)
    assert (run.state, Anime.objects.count()) == ("failed", 0)


def test_whoever_listens_hears_of_changes_alone(source, crawl, settings):
    heard.clear()
    settings.AFTER_CATALOGUE_CHANGE = [f"{__name__}.fail", f"{__name__}.hear"]
    server = source(5)
    crawl(server)
    crawl(server)
    assert heard == ["a change"]


heard: list[str] = []


def hear():
    heard.append("a change")


def fail():
    raise RuntimeError("a listener's own trouble")


def test_a_source_of_another_shape_fails_with_a_sentence(source, crawl):
    server = source(5)
    for mal_id in server.ids:
        server.changed[mal_id] = {"title": 7, "titles": 7}
    run = crawl(server)
    assert (run.state, run.counts["loaded"], run.counts["left_out"]) == ("done", 0, 5)


@pytest.mark.parametrize(
    ("text", "season"), [("Spring 2026", "spring 2026"), ("1998 FALL", "fall 1998")]
)
def test_a_season_may_be_written_in_either_order(text, season):
    assert crawl_plans.wish(season=text) == {"season": season}


def test_the_season_after_the_present_one_may_be_in_the_next_year(monkeypatch):
    class InNovember(crawl_plans.datetime):
        @classmethod
        def now(cls, zone=None):
            return cls(2026, 11, 25, tzinfo=zone)

    monkeypatch.setattr(crawl_plans, "datetime", InNovember)
    assert crawl_plans.season_named("now") == "fall 2026"
    assert crawl_plans.season_named("Next ") == "winter 2027"


@pytest.mark.parametrize(
    "text", ["spring", "2026", "autumn 2026", "spring 26", "spring 2026 now", " "]
)
def test_what_is_no_season_is_refused(text):
    with pytest.raises(crawl_plans.BadWish):
        crawl_plans.wish(season=text)


@pytest.mark.parametrize("ids", [[0], [2**31], [5, -1]])
def test_ids_that_no_title_has_are_refused(ids):
    with pytest.raises(crawl_plans.BadWish):
        crawl_plans.wish(ids=ids)
