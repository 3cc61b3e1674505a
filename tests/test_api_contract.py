"""What holds for every address under /api/v1/."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from catalog.api.problems import KINDS
from catalog.models import Anime
from ratings.models import User

pytestmark = pytest.mark.django_db

ADDRESSES = ["anime/1", "recommend", "similar", "rate", "quiz", "nothing", ""]


@pytest.fixture(autouse=True)
def no_limit(settings: Settings) -> None:
    settings.API_RATES = {"anon": None, "user": None}


def is_an_error(answer: Any) -> bool:
    """In the one shape, with nothing beside it."""
    body = json.loads(answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    named = {"type", "title", "status", "detail", "code", "request_id"}
    assert named <= set(body) <= {*named, "fields"}
    assert KINDS[body["code"]] == (body["status"], body["title"])
    assert body["type"] == f"urn:animerec:problem:{body['code']}"
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer["X-Request-ID"]
    assert body["detail"]
    if "fields" in body:
        assert body["fields"]
        for sentences in body["fields"].values():
            assert sentences
            assert all(isinstance(sentence, str) for sentence in sentences)
    return True


@pytest.mark.parametrize(
    "address", ["", "nothing", "recommend/", "anime/", "anime/1/", "a/b", "%00", "é"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_is_answered_in_the_shape(
    client: Client, address: str, method: str
) -> None:
    answer = client.generic(method, f"/api/v1/{address}")
    assert answer.status_code == 404
    assert is_an_error(answer)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("PUT", "recommend"),
        ("PUT", "similar"),
        ("DELETE", "anime/1"),
        ("GET", "rate"),
        ("PUT", "quiz"),
        ("BREW", "similar"),
    ],
)
def test_a_wrong_method_is_answered_in_the_shape(client: Client, method: str, address: str) -> None:
    client.force_login(User.objects.create(username="ines"))
    answer = client.generic(method, f"/api/v1/{address}", b"{}", "application/json")
    assert answer.status_code == 405
    assert answer["Allow"]
    assert is_an_error(answer)


@pytest.mark.parametrize("address", ["anime/1", "recommend", "nothing"])
def test_who_wants_no_json_is_told_in_json(client: Client, address: str) -> None:
    answer = client.get(f"/api/v1/{address}", headers={"accept": "image/png"})
    assert answer.status_code == 406
    assert is_an_error(answer)


def test_too_many_parameters_are_malformed(client: Client) -> None:
    answer = client.get("/api/v1/recommend?" + "&".join(f"p{n}=1" for n in range(2_000)))
    assert answer.status_code == 400
    assert is_an_error(answer)


def test_many_unknown_parameters_are_not_all_repeated(client: Client) -> None:
    names = "&".join("n" * 500 + f"{n}=1" for n in range(900))
    answer = client.get(f"/api/v1/recommend?{names}")
    assert answer.status_code == 400
    assert len(answer.content) < 10_000


@pytest.mark.parametrize("charset", ["hex", "zlib", "utf-16", "undefined", "idna"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_foreign_charset_on_a_question_does_no_harm(
    client: Client, address: str, charset: str
) -> None:
    kind = f"application/json; charset={charset}"
    answer = client.generic("GET", f"/api/v1/{address}?x=%ff", b"", kind)
    assert 400 <= answer.status_code < 500
    assert is_an_error(answer)


def test_a_fault_of_the_site_is_answered_in_the_shape_and_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret recipe")

    settings.DEBUG = False
    Anime.objects.create(mal_id=9_000_001, title="Harbour Lights")
    monkeypatch.setattr(Anime, "get_absolute_url", broken)
    answer = Client(raise_request_exception=False).get("/api/v1/anime/9000001")
    assert answer.status_code == 500
    assert is_an_error(answer)
    assert answer.json()["code"] == "server_error"
    assert b"recipe" not in answer.content


def test_who_asks_too_often_is_told_when_to_come_back(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(tmp_path)}}
    settings.API_RATES = {"anon": "2/min", "user": "2/min"}
    answers = [client.get("/api/v1/anime/9000001") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert is_an_error(answers[2])
    assert 0 < int(answers[2]["Retry-After"]) <= 60


# A question as nobody in their right mind would ask it.
NAMES = st.sampled_from(
    ["user_id", "anime_id", "top_n", "genre", "type", "year_min", "year_max", "format", "x"]
)
VALUES = st.one_of(
    st.integers(-(10**25), 10**25).map(str),
    st.sampled_from(["", "0", "1", "20", "\0", "NaN", "1e9", "Sea", "tv", "١", "null", "[]", "{}"]),
    st.text(max_size=40),
    st.floats().map(str),
)
QUESTIONS = st.lists(st.tuples(NAMES | st.text(max_size=10), VALUES), max_size=6)
ODD = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@ODD
@given(address=st.sampled_from([*ADDRESSES[:3], "nothing"]), asked=QUESTIONS)
def test_no_question_breaks_the_api(
    client: Client, address: str, asked: list[tuple[str, str]]
) -> None:
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in asked)
    answer = client.get(f"/api/v1/{address}?{query}")
    assert answer.status_code in (200, 400, 401, 403, 404)
    assert answer.status_code == 200 or is_an_error(answer)


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
BODIES = st.one_of(
    st.binary(max_size=60),
    JSON.map(json.dumps),
    st.fixed_dictionaries(
        {}, optional={"anime_id": JSON | st.just(9_000_001), "score": JSON, "status": JSON}
    ).map(json.dumps),
)


@ODD
@given(body=BODIES)
def test_no_body_breaks_the_api(client: Client, body: str | bytes) -> None:
    Anime.objects.get_or_create(mal_id=9_000_001, defaults={"title": "Harbour Lights"})
    client.force_login(User.objects.get_or_create(username="ines")[0])
    raw = body.encode() if isinstance(body, str) else body
    answer = client.generic("POST", "/api/v1/rate", raw, "application/json")
    assert answer.status_code in (200, 201, 400, 404)
    assert answer.status_code < 400 or is_an_error(answer)


ANSWERS = st.one_of(
    st.binary(max_size=60),
    JSON.map(json.dumps),
    st.fixed_dictionaries(
        {},
        optional={
            "not_seen": JSON | st.lists(JSON | st.just(9_000_001), max_size=3),
            "undo": JSON | st.lists(st.integers(), max_size=3),
            "genres": JSON | st.lists(JSON | st.just("Mystery"), max_size=3),
        },
    ).map(json.dumps),
)


@ODD
@given(body=ANSWERS)
def test_no_answer_to_the_quiz_breaks_the_api(client: Client, body: str | bytes) -> None:
    Anime.objects.get_or_create(mal_id=9_000_001, defaults={"title": "Harbour Lights"})
    client.force_login(User.objects.get_or_create(username="ines")[0])
    raw = body.encode() if isinstance(body, str) else body
    answer = client.generic("POST", "/api/v1/quiz", raw, "application/json")
    assert answer.status_code in (200, 400, 404)
    assert answer.status_code < 400 or is_an_error(answer)


# The schema


def test_the_schema_is_valid_and_shows_every_failure(tmp_path: Path) -> None:
    file = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    schema = yaml.safe_load(file.read_text())
    required = {"type", "title", "status", "detail", "code"}
    assert set(schema["components"]["schemas"]["Problem"]["required"]) == required
    for answers in (one for path in schema["paths"].values() for one in path.values()):
        assert {"400", "429"} <= set(answers["responses"])
        for status, answer in answers["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"]
                assert answer["content"]["application/problem+json"]["examples"]


def test_the_schema_is_the_one_that_is_committed(tmp_path: Path) -> None:
    """`make schema` writes it anew; what changes is then seen in review."""
    file = tmp_path / "schema.yaml"
    call_command("spectacular", "--file", str(file))
    assert file.read_text() == Path("docs/openapi.yaml").read_text()


def test_every_write_of_a_member_can_be_sent_again() -> None:
    """But for what gives a secret away, and what writes nothing."""
    schema = yaml.safe_load(Path("docs/openapi.yaml").read_text())
    without = {
        operation["operationId"]
        for methods in schema["paths"].values()
        for method, operation in methods.items()
        if method != "get"
        and "Idempotency-Key" not in [one["name"] for one in operation.get("parameters", [])]
    }
    assert without == {"make_token", "recommend_for_list"}


def test_every_answer_has_an_example() -> None:
    schema = yaml.safe_load(Path("docs/openapi.yaml").read_text())
    bare = [
        (operation["operationId"], status)
        for methods in schema["paths"].values()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
        for media, told in answer.get("content", {}).items()
        if "examples" not in told and operation["operationId"] != "export"
    ]
    assert bare == []


def test_the_schema_is_served_as_json_and_as_yaml(client: Client) -> None:
    as_json = client.get("/api/v1/schema")
    assert as_json["Content-Type"] == "application/json"
    assert json.loads(as_json.content)["openapi"].startswith("3.")
    as_yaml = client.get("/api/v1/schema", headers={"accept": "application/yaml"})
    assert yaml.safe_load(as_yaml.content) == json.loads(as_json.content)


def test_the_documentation_page_runs_only_what_the_site_serves(client: Client) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<style" not in text
    assert "//cdn" not in text
    assert "unsafe" not in page["Content-Security-Policy"]
    assert client.get("/api/v1/docs?script=").status_code == 200
