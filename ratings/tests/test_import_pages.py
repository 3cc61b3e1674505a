"""The pages on which a list is sent, looked at, imported and taken back."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from catalog.models import Anime, RunState
from ratings import tasks
from ratings.importing.lists import running
from ratings.models import Conflict, Fate, ListImport, User
from ratings.tests.exports import ALBUM, HARBOUR, MACHINES, SNOW, UNKNOWN, mal, mal_xml

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
IMPORTS = "/import/"
FILE = mal_xml(mal(HARBOUR, 3), mal(SNOW, 9), mal(ALBUM, 10), mal(UNKNOWN, 5), mal(MACHINES, 11))
NAMES = b"title,score\nGardn of Machines,9\nAme no Arubam,4\n"


def send(client: Client, file: bytes = FILE, name: str = "my list.xml", **more):
    return client.post(IMPORTS, {"file": SimpleUploadedFile(name, file), **more})


def preview(client: Client, file: bytes = FILE) -> ListImport:
    """The address that sending a file leads to, as its row."""
    answer = send(client, file)
    assert answer.status_code == 302
    found = re.fullmatch(r"/import/(\d+)/", answer["Location"])
    assert found
    return ListImport.objects.get(pk=found[1])


def address(verb: str, run: ListImport, *more: object) -> str:
    return reverse(f"ratings:import-{verb}", args=[run.pk, *more])


@pytest.fixture
def at_work() -> Iterator[None]:
    """The worker's work is done where it is asked for."""
    tasks.import_list.app.conf.task_always_eager = True
    yield
    tasks.import_list.app.conf.task_always_eager = False


@pytest.fixture
def begin(at_work: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks):
    def begin(client: Client, run: ListImport, conflict: str = Conflict.THEIRS) -> ListImport:
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(address("start", run), {"conflict": conflict})
        assert answer["Location"] == run.get_absolute_url()
        run.refresh_from_db()
        return run

    return begin


def test_the_page_says_what_can_be_sent(as_newcomer: Client) -> None:
    page = as_newcomer.get(IMPORTS).text
    for said in ("MyAnimeList", "AniList", "Kitsu", "Anime-Planet", "CSV", "5.0\xa0MB", "30,000"):
        assert said in page
    assert 'enctype="multipart/form-data"' in page


def test_a_stranger_sends_a_file_and_finds_its_preview(
    client: Client, catalogue: list[Anime]
) -> None:
    assert "It takes no account" in client.get(IMPORTS).text
    assert not ListImport.objects.exists()
    run = preview(client)
    assert run.user.is_guest
    assert "Nothing is written yet" in client.get(run.get_absolute_url()).text


def test_whose_session_ended_signs_in_and_is_back_at_their_import(
    as_casual: Client, client: Client
) -> None:
    address = preview(as_casual).get_absolute_url()
    client.logout()
    assert client.get(address)["Location"] == f"{reverse('ratings:sign-in')}?next={address}"
    assert client.post(f"{address}start/")["Location"].startswith(reverse("ratings:sign-in"))


@pytest.mark.parametrize("page", ["/my-list/", "/account/", "/quiz/", "/for-you/"])
def test_a_newcomer_finds_the_way_to_it(
    as_newcomer: Client, catalogue: list[Anime], page: str
) -> None:
    assert f'href="{IMPORTS}"' in as_newcomer.get(page).text


def test_a_guest_finds_the_way_to_it(client: Client, catalogue: list[Anime]) -> None:
    assert f'class="door" href="{IMPORTS}"' in client.get("/").text


def test_sending_a_file_shows_what_would_change_and_writes_nothing(
    as_casual: Client, casual: User
) -> None:
    run = preview(as_casual)
    page = as_casual.get(run.get_absolute_url()).text
    assert "Nothing is written yet" in page
    assert "3 titles of the file would change your list." in page
    for label in ("<b>1</b> New", "<b>2</b> Changed", "<b>1</b> Not in the catalogue yet", "<b>1</b> Not readable"):  # fmt: skip
        assert label in page
    assert casual.list_entries.count() == 2
    assert run.subject == "my list.xml"


def test_each_fate_has_its_page_of_lines(as_casual: Client) -> None:
    run = preview(as_casual)

    def shown(fate: str) -> str:
        return as_casual.get(run.get_absolute_url(), {"fate": fate}).text

    assert "Album of Rain" in shown("new")
    assert "Harbour Lights" not in shown("new")
    changed = shown("changed")
    assert "Score: <s>8</s>" in changed
    assert "Status: <s>Plan to watch</s>" in changed
    assert f"Title {UNKNOWN}" in shown("waiting")
    assert "The score “11” is not from 1 to 10." in shown("invalid")
    assert shown("all").count('<tr id="line-') == 5
    assert "Album of Rain" in shown("nonsense")


def test_a_long_list_has_pages_and_each_takes_few_queries(
    as_casual: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run = preview(as_casual, mal_xml(*(mal(9_200_000 + n, 5) for n in range(150)), mal(ALBUM, 5)))
    with django_assert_max_num_queries(8):
        first = as_casual.get(run.get_absolute_url(), {"fate": "all"})
    assert first.text.count('<tr id="line-') == 100
    last = as_casual.get(run.get_absolute_url(), {"fate": "all", "page": "2"}).text
    assert last.count('<tr id="line-') == 51


def test_the_page_of_imports_takes_few_queries(
    as_casual: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(4):
        preview(as_casual)
    with django_assert_max_num_queries(4):
        page = as_casual.get(IMPORTS).text
    assert page.count("my list.xml") == 4


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"%PDF-1.7", "This is a PDF, not a list."),
        (b"", "The file is empty."),
        (mal_xml(), "This list holds no titles."),
        (b"<html></html>", "This is a web page"),
    ],
)
def test_what_is_no_list_is_answered_with_a_sentence(
    as_newcomer: Client, file: bytes, said: str
) -> None:
    answer = send(as_newcomer, file)
    assert answer.status_code == 400
    assert said in answer.text
    assert not ListImport.objects.exists()


def test_a_form_without_a_file_is_answered_with_a_sentence(as_newcomer: Client) -> None:
    answer = as_newcomer.post(IMPORTS)
    assert (answer.status_code, "Choose a file first." in answer.text) == (400, True)


def test_far_too_large_a_file_is_read_past_and_refused(as_newcomer: Client) -> None:
    answer = send(as_newcomer, b"x" * (20 << 20))
    assert answer.status_code == 413
    assert "The file is larger than 5 MB" in answer.text


def test_a_file_without_its_csrf_token_is_refused(newcomer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(newcomer)
    assert send(client).status_code == 403
    assert not ListImport.objects.exists()


def test_a_hostile_name_is_only_text(as_newcomer: Client, catalogue: list[Anime]) -> None:
    send(as_newcomer, name="<script>alert(1)</script>.xml")
    page = as_newcomer.get(ListImport.objects.get().get_absolute_url()).text
    assert "<script>alert" not in page


def test_a_name_on_anilist_is_refused_where_this_site_does_not_ask_it(as_newcomer: Client) -> None:
    answer = as_newcomer.post(reverse("ratings:import-anilist"), {"name": "somebody"})
    assert (answer.status_code, "does not ask AniList" in answer.text) == (400, True)


def test_importing_writes_and_says_what_came_of_it(as_casual: Client, casual: User, begin) -> None:
    run = begin(as_casual, preview(as_casual))
    page = as_casual.get(run.get_absolute_url()).text
    assert "3 titles written to your list" in page
    assert reverse("recommender:for-you") in page
    assert "Undo the import" in page
    assert casual.list_entries.get(anime=HARBOUR).score == 3
    assert "3 written" in as_casual.get(IMPORTS).text


def test_what_is_here_is_kept_where_the_member_says_so(
    as_casual: Client, casual: User, begin
) -> None:
    run = begin(as_casual, preview(as_casual), Conflict.MINE)
    assert casual.list_entries.get(anime=HARBOUR).score == 8
    page = as_casual.get(run.get_absolute_url(), {"fate": "changed"}).text
    assert "of which 2 stayed as they were" in page
    assert "Stayed as it was" in page


def test_a_choice_that_does_not_exist_is_not_found(as_casual: Client) -> None:
    run = preview(as_casual)
    assert as_casual.post(address("start", run), {"conflict": "both"}).status_code == 404


def test_pressing_import_twice_begins_it_once(as_casual: Client, begin) -> None:
    run = begin(as_casual, preview(as_casual))
    begin(as_casual, run)
    assert "answered already" in as_casual.get(run.get_absolute_url()).text


def test_an_import_under_way_is_polled_until_it_is_done(as_casual: Client) -> None:
    run = preview(as_casual)
    as_casual.post(address("start", run))
    page = as_casual.get(run.get_absolute_url()).text
    assert f'hx-get="{address("progress", run)}"' in page
    assert "Look again" in page
    assert "hx-get" in as_casual.get(address("progress", run), headers=HTMX).text
    running.carry_out(run.pk)
    done = as_casual.get(address("progress", run), headers=HTMX).text
    assert "3 titles written to your list" in done
    assert "hx-get" not in done
    assert "<html" not in done


def test_the_progress_that_the_worker_tells_is_shown(
    as_casual: Client, nothing_cached: None
) -> None:
    run = preview(as_casual)
    as_casual.post(address("start", run))
    assert "<progress aria-label" in as_casual.get(address("progress", run), headers=HTMX).text
    running._Watcher(run.pk, run.user_id)(2, 5)
    assert "2 of 5 titles" in as_casual.get(address("progress", run), headers=HTMX).text


def test_without_htmx_progress_is_the_page(as_casual: Client) -> None:
    run = preview(as_casual)
    assert as_casual.get(address("progress", run))["Location"] == run.get_absolute_url()


def test_an_import_whose_worker_died_can_be_begun_again(as_casual: Client, begin) -> None:
    run = preview(as_casual)
    as_casual.post(address("start", run))
    ListImport.objects.update(beat_at=timezone.now() - timedelta(minutes=5))
    page = as_casual.get(run.get_absolute_url()).text
    assert "The import has stopped" in page
    assert "hx-get" not in page
    assert begin(as_casual, run).state == RunState.DONE


def test_an_import_that_fails_says_so_and_can_be_tried_again(as_casual: Client, begin) -> None:
    run = preview(as_casual)
    as_casual.post(address("start", run))
    from ratings.importing.lists import applying

    applying.fail(run.pk, running.NO_QUEUE)
    page = as_casual.get(run.get_absolute_url()).text
    assert "The task queue of this site does not answer" in page
    assert "Try again" in page
    assert begin(as_casual, run).state == RunState.DONE


def test_undoing_takes_everything_back(as_casual: Client, casual: User, begin) -> None:
    before = list(casual.list_entries.order_by("pk").values())
    run = begin(as_casual, preview(as_casual))
    as_casual.post(address("undo", run))
    assert list(casual.list_entries.order_by("pk").values()) == before
    page = as_casual.get(run.get_absolute_url()).text
    assert "1 title taken off your list again, 2 as they were before." in page
    as_casual.post(address("undo", run))
    assert "nothing to undo" in as_casual.get(run.get_absolute_url()).text


def test_a_doubtful_line_is_decided_on_the_page(as_newcomer: Client, newcomer: User, catalogue, begin) -> None:  # fmt: skip
    Anime.objects.refresh_search_text()
    run = preview(as_newcomer, NAMES)
    page = as_newcomer.get(run.get_absolute_url()).text
    assert "2 still need your word" in page
    assert f'name="title" value="{MACHINES}"' in page
    choose = address("choose", run, 1)
    fragment = as_newcomer.post(choose, {"title": MACHINES}, headers=HTMX).text
    assert "1 title of the file would change your list. 1 still needs your word" in fragment
    assert "hx-swap-oob" in fragment
    back = f"{run.get_absolute_url()}?fate=doubtful#line-2"
    answer = as_newcomer.post(address("choose", run, 2), {"title": ALBUM, "next": back})
    assert answer["Location"] == back
    as_newcomer.post(address("choose", run, 2), {"title": "none"})
    begin(as_newcomer, run)
    assert list(newcomer.list_entries.values_list("anime", "score")) == [(MACHINES, 9)]


@pytest.mark.parametrize("title", ["9000008", "1", "x", "-1", "9" * 30, "\0", "1 OR 1"])
def test_a_title_that_was_not_offered_is_not_taken(
    as_newcomer: Client, catalogue, title: str
) -> None:
    Anime.objects.refresh_search_text()
    run = preview(as_newcomer, NAMES)
    assert as_newcomer.post(address("choose", run, 1), {"title": title}).status_code == 404
    assert as_newcomer.post(address("choose", run, 99), {"title": MACHINES}).status_code == 404
    assert not run.lines.exclude(mal_id=None).exists()


def test_deleting_a_preview_leaves_nothing_of_it(as_casual: Client, casual: User) -> None:
    run = preview(as_casual)
    assert as_casual.post(address("delete", run))["Location"] == IMPORTS
    assert not ListImport.objects.exists()
    assert casual.list_entries.count() == 2


def test_an_import_under_way_is_not_deleted(as_casual: Client) -> None:
    run = preview(as_casual)
    as_casual.post(address("start", run))
    as_casual.post(address("delete", run))
    assert ListImport.objects.filter(pk=run.pk).exists()


def test_fifty_imports_are_kept_and_then_one_must_go(as_casual: Client, casual: User) -> None:
    ListImport.objects.bulk_create(
        ListImport(user=casual, source="mal_xml", subject="old", state=RunState.DONE, total=0)
        for _ in range(50)
    )
    answer = send(as_casual)
    assert (answer.status_code, "Delete one below" in answer.text) == (400, True)


def test_a_members_imports_are_nobody_elses(as_casual: Client, newcomer: User) -> None:
    run = preview(as_casual)
    other = Client()
    other.force_login(newcomer)
    assert other.get(run.get_absolute_url()).status_code == 404
    assert other.get(address("progress", run), headers=HTMX).status_code == 404
    for verb in ("start", "undo", "delete"):
        assert other.post(address(verb, run)).status_code == 404
    assert other.post(address("choose", run, 1), {"title": ALBUM}).status_code == 404
    assert "my list.xml" not in other.get(IMPORTS).text


@pytest.mark.parametrize("verb", ["start", "undo", "delete"])
def test_changes_take_a_button_not_a_link(as_casual: Client, verb: str) -> None:
    run = preview(as_casual)
    assert as_casual.get(address(verb, run)).status_code == 405


@pytest.mark.parametrize("pk", [0, 2**31, 2**63, 10**30])
def test_an_import_that_does_not_exist_is_not_found(as_casual: Client, pk: int) -> None:
    assert as_casual.get(f"/import/{pk}/").status_code == 404
    assert as_casual.post(f"/import/{pk}/lines/{pk}/", {"title": "1"}).status_code == 404


def test_fates_of_a_file_are_all_worded(as_casual: Client) -> None:
    run = preview(as_casual)
    for fate in Fate:
        assert as_casual.get(run.get_absolute_url(), {"fate": fate.value}).status_code == 200
