"""/api/v1/imports and /api/v1/export."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog.models import Anime
from ratings import tasks
from ratings.importing.lists.files import MOST_UPLOADED
from ratings.models import ListImport, User
from ratings.tests.exports import HARBOUR, MACHINES, SNOW, UNKNOWN, mal, mal_xml

pytestmark = pytest.mark.django_db

V1 = "/api/v1"
FILE = mal_xml(mal(HARBOUR, 3), mal(SNOW, 9), mal(UNKNOWN, 5), mal(MACHINES, 11))
NAMES = b"title,score\nGardn of Machines,9\nAme no Arubam,4\n"


@pytest.fixture
def api(client: Client, catalogue: list[Anime], newcomer: User) -> Client:
    client.force_login(newcomer)
    return client


def upload(client: Client, file: bytes = FILE, **headers: str) -> Any:
    sent = SimpleUploadedFile("list.xml", file)
    return client.post(f"{V1}/imports", {"file": sent}, headers=headers)


def post(client: Client, path: str, body: Any = None, method: str = "POST", **more: Any) -> Any:
    raw = json.dumps({} if body is None else body)
    return client.generic(method, f"{V1}/imports/{path}", raw, "application/json", **more)


@pytest.fixture
def begin(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Iterator[Any]:
    """Take a preview over; the worker's work is done where it is asked for."""
    tasks.import_list.app.conf.task_always_eager = True

    def begin(client: Client, pk: int, conflict: str = "theirs") -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return post(client, f"{pk}/start", {"conflict": conflict})

    yield begin
    tasks.import_list.app.conf.task_always_eager = False


def test_a_list_is_sent_looked_at_taken_over_and_taken_back(
    api: Client, newcomer: User, begin: Any
) -> None:
    sent = upload(api)
    assert sent.status_code == 201
    run = sent.json()
    assert (run["state"], run["source"], run["total"]) == ("queued", "mal_xml", 4)
    assert run["counts"] == {"new": 2, "waiting": 1, "invalid": 1}
    assert not newcomer.list_entries.exists()

    lines = api.get(f"{V1}/imports/{run['id']}/lines?page_size=3").json()
    assert [line["fate"] for line in lines["results"]] == ["new", "new", "waiting"]
    (last,) = api.get(lines["next"]).json()["results"]
    assert last["reason"]
    only = api.get(f"{V1}/imports/{run['id']}/lines?fate=invalid").json()["results"]
    assert [line["number"] for line in only] == [last["number"]]

    assert begin(api, run["id"]).status_code == 202
    done = api.get(f"{V1}/imports/{run['id']}").json()
    assert done["state"] == "done"
    assert newcomer.list_entries.count() == 2
    assert begin(api, run["id"]).status_code == 409

    undone = post(api, f"{run['id']}/undo")
    assert undone.json()["undone_at"]
    assert not newcomer.list_entries.exists()
    assert post(api, f"{run['id']}/undo").status_code == 409
    (listed,) = api.get(f"{V1}/imports").json()["results"]
    assert listed["id"] == run["id"]
    assert post(api, str(run["id"]), method="DELETE").status_code == 204
    assert api.get(f"{V1}/imports/{run['id']}").status_code == 404


def test_a_doubtful_line_is_decided(api: Client, newcomer: User, begin: Any) -> None:
    Anime.objects.refresh_search_text()
    run = upload(api, NAMES).json()
    assert run["undecided"] == 2
    line, _ = api.get(f"{V1}/imports/{run['id']}/lines").json()["results"]
    assert line["fate"] == "doubtful"
    path = f"{run['id']}/lines/{line['number']}"
    assert post(api, path, {"anime_id": 1}, "PATCH").status_code == 409
    chosen = line["candidates"][0]["mal_id"]
    assert post(api, path, {"anime_id": chosen}, "PATCH").json()["undecided"] == 1
    begin(api, run["id"])
    assert newcomer.list_entries.get().anime_id == chosen


@pytest.mark.parametrize("file", [b"", b"%PDF-1.4", b"<myanimelist>", b"\x00" * 100, b"{}"])
def test_what_is_no_list_is_told_why(api: Client, file: bytes) -> None:
    answer = upload(api, file)
    assert answer.status_code == 400
    assert answer.json()["fields"]["file"]
    assert not ListImport.objects.exists()


def test_a_file_that_is_too_large_is_not_read(api: Client) -> None:
    answer = upload(api, b"x" * (MOST_UPLOADED + 1))
    assert answer.status_code == 413, answer.content
    assert answer.json()["code"] == "too_large"


def test_a_request_without_a_file_is_told_so(api: Client) -> None:
    nothing = api.post(f"{V1}/imports", {"other": "x"})
    assert nothing.status_code == 400
    assert list(nothing.json()["fields"]) == ["file"]
    as_json = api.post(f"{V1}/imports", {"file": "x"}, content_type="application/json")
    assert as_json.status_code == 415


def test_the_same_file_under_its_key_is_one_import(api: Client) -> None:
    first = upload(api, **{"Idempotency-Key": "once"})
    again = upload(api, **{"Idempotency-Key": "once"})
    assert again.json() == first.json()
    assert ListImport.objects.count() == 1
    assert upload(api, NAMES, **{"Idempotency-Key": "once"}).status_code == 422


def test_another_s_import_is_not_there(api: Client, client: Client) -> None:
    run = upload(api).json()
    client.force_login(User.objects.create(username="tom"))
    for method, path in (
        ("GET", ""), ("GET", "/lines"), ("DELETE", ""), ("POST", "/start"), ("POST", "/undo"),
        ("PATCH", "/lines/1"),
    ):  # fmt: skip
        body = {"anime_id": None} if method == "PATCH" else {}
        answer = post(client, f"{run['id']}{path}", body, method)
        assert answer.status_code == 404, (method, path)


def test_everything_comes_as_json_and_the_list_as_xml_and_csv(
    api: Client, newcomer: User, catalogue: list[Anime]
) -> None:
    newcomer.rate(catalogue[0], score=8)

    def export(asked: str) -> bytes:
        answer = api.get(f"{V1}/export?{asked}", headers={"accept": "text/csv"})
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]
        return b"".join(answer.streaming_content)

    assert json.loads(export(""))["list"][0]["score"] == 8
    assert b"<my_score>8</my_score>" in export("format=xml")
    assert str(catalogue[0].pk).encode() in export("format=csv")
    assert api.get(f"{V1}/export?format=pdf").status_code == 400
    assert Client().get(f"{V1}/export").status_code == 401
