"""`manage.py ingest`, the tasks of the clock, and what the settings refuse."""

import io
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog import tasks
from catalog.etl import crawler, crawling
from catalog.etl.fetching import client as fetching
from catalog.models import Anime, ImportRun, SourceRecord
from catalog.models.runs import DEAD_AFTER
from catalog.tests.conftest import QUICK

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = 9_000_001


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(fetching, "Patience", lambda: QUICK)


def ingest(*options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("ingest", "--source", "jikan", *options, stdout=out, stderr=err)
    except CommandError as problem:
        return problem.returncode, out.getvalue(), f"{err.getvalue()}{problem}"
    return 0, out.getvalue(), err.getvalue()


def test_a_full_crawl_reports_what_it_did(source):
    source(30)
    code, out, _ = ingest("--full")
    assert code == 0
    assert "the whole catalogue" in out
    assert "read 30, loaded 30, updated 0, unchanged 0" in out


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (("--ids", "9000001, 9000003"), 2),
        (("--since", "0"), 5),
        (("--since", "2126-01-31"), 5),
        (("--since", "0", "--at-most", "2"), 2),
        (("--since", "0", "--only", "airing"), 0),
    ],
)
def test_titles_are_asked_for_one_by_one(source, options, asked):
    server = source(5)
    ingest("--full")
    SourceRecord.objects.update(fetched_at=timezone.now() - timedelta(days=2))
    server.requests.clear()
    code, _, _ = ingest(*options)
    assert (code, len(server.requests)) == (0, asked)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--season", "monsoon 2026"), "write it as in 'spring 2026', or now, or next"),
        (("--ids", "0"), "0 is not the id of a title"),
        (("--resume",), "no run of jikan was left unfinished"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_a_sentence(source, options, said):
    source(5)
    code, _, err = ingest(*options)
    assert code == 2
    assert said in err
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    "options",
    [(), ("--full", "--season", "now"), ("--ids", "one"), ("--since", "yesterday"), ("--ids", ",")],
)
def test_options_that_do_not_fit_are_refused(source, options):
    source(5)
    with pytest.raises((CommandError, SystemExit)):
        call_command("ingest", "--source", "jikan", *options)


def test_the_setting_that_is_missing_is_named(settings):
    settings.JIKAN_BASE_URL = ""
    code, _, err = ingest("--full")
    assert code == 2
    assert "JIKAN_BASE_URL is not set" in err
    assert not ImportRun.objects.exists()


def test_a_source_that_stops_answering_is_told_by_the_exit_status_and_resumed(source):
    server = source(60, page_size=10)
    server.always["page=4"] = "503"
    code, _, err = ingest("--full")
    assert code == 1
    assert "--resume goes on from here" in err
    server.always.clear()
    fetching.Breaker("jikan").succeeded()
    code, out, _ = ingest("--resume")
    assert (code, Anime.objects.count()) == (0, 60)
    assert "loaded 60" in out


def test_a_source_that_does_not_know_the_season_fails(source):
    source(5)
    code, _, err = ingest("--season", "spring 1905")
    assert code == 2
    assert "jikan answers 404" in err


def test_a_run_that_is_going_on_keeps_others_away(source):
    source(5)
    crawling.begin("jikan", {"full": True})
    for options in (("--full",), ("--resume",)):
        code, _, err = ingest(*options)
        assert code == 2
        assert "is being read already" in err


def test_ctrl_c_keeps_what_was_written_and_says_how_to_go_on(source, monkeypatch):
    source(60, page_size=10)
    monkeypatch.setattr(crawler, "CHUNK", 10)
    real, calls = crawler.load_records, []

    def load(*records, **how):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*records, **how)

    monkeypatch.setattr(crawler, "load_records", load)
    code, _, err = ingest("--full")
    assert code == 130
    assert "--resume" in err
    run = ImportRun.objects.get()
    assert (run.state, run.counts["loaded"], Anime.objects.count()) == ("partial", 30, 30)
    code, _, _ = ingest("--resume")
    assert (code, Anime.objects.count()) == (0, 60)


def test_the_help_says_what_a_stranger_needs():
    done = subprocess.run(
        [sys.executable, "manage.py", "ingest", "--help"], cwd=site.BASE_DIR, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    for word in ("JIKAN_BASE_URL", "MAL_CLIENT_ID", "--resume", "Exit status", "spring 2026"):
        assert word in done.stdout


# --- the clock


@pytest.fixture
def refreshed_from(source, settings):
    settings.REFRESH_SOURCE = "jikan"
    return source


def test_airing_titles_are_refreshed_daily(refreshed_from):
    server = refreshed_from(5)
    ingest("--full")
    Anime.objects.filter(pk__lte=FIRST + 1).update(status="airing")
    SourceRecord.objects.update(fetched_at=timezone.now() - timedelta(days=1))
    server.requests.clear()
    tasks.refresh("airing")
    assert sorted(path for _, path, _ in server.requests) == [
        f"/v4/anime/{FIRST}/full",
        f"/v4/anime/{FIRST + 1}/full",
    ]
    server.requests.clear()
    tasks.refresh("airing")
    assert server.requests == []


def test_a_refresh_does_nothing_while_another_is_alive_or_no_source_is_on(refreshed_from, settings):
    server = refreshed_from(5)
    crawling.begin("jikan", {"full": True})
    tasks.refresh("season")
    settings.REFRESH_SOURCE = ""
    tasks.refresh("season")
    assert (server.requests, ImportRun.objects.count()) == ([], 1)


@pytest.mark.parametrize(("broken", "state"), [("", "failed"), ("500", "partial")])
def test_a_season_that_cannot_be_read_holds_up_no_other_refresh(refreshed_from, broken, state):
    server = refreshed_from(5)
    server.always = {"/v4/seasons/1905/spring": broken} if broken else {}
    wish = {"season": "spring 1905"}
    crawling.crawl(crawling.begin("jikan", wish))
    assert ImportRun.objects.get().state == state
    server.requests.clear()
    tasks.refresh("airing")
    assert not [path for _, path, _ in server.requests if "seasons" in path]
    assert ImportRun.objects.count() == 2


def test_a_refresh_goes_on_with_a_crawl_whose_worker_died(refreshed_from):
    refreshed_from(30, page_size=10)
    dead = crawling.begin("jikan", {"full": True})
    ImportRun.objects.update(beat_at=timezone.now() - 2 * DEAD_AFTER, cursor="2")
    tasks.refresh("airing")
    dead.refresh_from_db()
    assert (dead.state, Anime.objects.count(), ImportRun.objects.count()) == ("partial", 20, 1)


def test_a_waiting_run_whose_turn_comes_during_another_says_so(source):
    source(5)
    waiting = crawling.begin("jikan", {"full": True}, state="queued")
    ImportRun.objects.create(
        source="jikan", subject="ids 5", options={"ids": [5]}, beat_at=timezone.now()
    )
    tasks.crawl(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == "partial"
    assert "is being read already" in waiting.errors[0]


# --- the settings


def settings_with(tmp_path, **environment):
    code = (
        "from django.conf import settings as s; print(sorted(s.CELERY_BEAT_SCHEDULE), s.REFRESH_SOURCE,"
        " s.USER_AGENT)"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=site.BASE_DIR,
        env=os.environ
        | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "animerec.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_clock_asks_for_news_only_where_a_source_is_on(tmp_path):
    off = settings_with(tmp_path, JIKAN_BASE_URL="", MAL_CLIENT_ID="")
    assert "refresh" not in off.stdout
    on = settings_with(tmp_path, MAL_CLIENT_ID="a-key", SITE_URL="https://anime.example.org")
    for word in ("refresh-airing", "refresh-old", "refresh-recent", "refresh-season"):
        assert word in on.stdout
    assert "(+https://anime.example.org)" in on.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JIKAN_BASE_URL", "api.example.org/v4"),
        ("JIKAN_RATE", "fast"),
        ("JIKAN_RATE", "0"),
        ("JIKAN_RATE", "nan"),
        ("JIKAN_PAGE_SIZE", "0"),
        ("MAL_RATE", "-1"),
        ("ANILIST_URL", "graphql"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start_and_is_named(tmp_path, name, value):
    done = settings_with(tmp_path, **{name: value})
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]
