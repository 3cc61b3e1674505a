"""What an operator relies on: settings are documented, the deployment check is clean, the files say the same."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations import AddConstraint, AddField, AddIndex, AlterField
from django.db.migrations.loader import MigrationLoader

from tests.running import free_port, served

COMPOSE = yaml.safe_load(Path("docker-compose.yml").read_text())
OURS = ("web", "ws", "worker", "beat")
SERVED = {
    "SITE_URL": "https://anime.example.org", "ALLOWED_HOSTS": "anime.example.org", "BEHIND_PROXY": "true",
}  # fmt: skip


def check(tmp_path: Path, **more: str) -> str:
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        env={**env, "DATA_DIR": str(tmp_path), **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_the_deployment_check_is_clean(tmp_path: Path) -> None:
    assert "no issues" in check(tmp_path, **SERVED)


@pytest.mark.parametrize(
    ("name", "value"),
    [("HSTS_SECONDS", "a year"), ("SITE_URL", "anime.example.org"), ("LOG_FORMAT", "xml"),
     ("API_RATE_USER", "many"), ("SENTRY_DSN", "key@host")],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_named(tmp_path: Path, name: str, value: str) -> None:
    said = check(tmp_path, **{**SERVED, name: value})
    assert "ImproperlyConfigured" in said
    assert name in said.splitlines()[-1]


def test_the_machine_itself_hears_how_it_is_though_others_come_by_tls(tmp_path: Path) -> None:
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env |= {**SERVED, "DATA_DIR": str(tmp_path), "WEB_WORKERS": "1"}
    with served(env, free_port()) as site:
        # `served` waited for /healthz, asked as 127.0.0.1 without TLS.
        asked = urllib.request.Request(f"{site}/anime/", headers={"Host": "anime.example.org"})  # noqa: S310  # our own address
        opener = urllib.request.build_opener(Stay)
        with pytest.raises(urllib.error.HTTPError) as moved:
            opener.open(asked)
    assert moved.value.status == 301
    assert moved.value.headers["Location"] == "https://anime.example.org/anime/"


class Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


def test_every_setting_of_the_environment_is_in_the_example() -> None:
    source = Path("animerec/settings.py").read_text() + Path("animerec/gunicorn.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    read |= set(re.findall(r'(?:whole_number|rate|per_second|http_address|address_or_none|one_of)\(\s*"([A-Z_]+)"', source))  # fmt: skip
    read |= set(re.findall(r'environ\.get\(\s*"([A-Z_]+)"', source))
    example = Path(".env.example").read_text()
    assert len(read) > 35
    assert [
        name for name in sorted(read) if not re.search(rf"^#?{name}=", example, re.MULTILINE)
    ] == []


def test_all_that_runs_can_only_write_where_it_must() -> None:
    for name in (*OURS, "prepare"):
        service = COMPOSE["services"][name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["volumes"] == ["data:/data"]
    stage = Path("Dockerfile").read_text().split("\nFROM ")[-1]
    assert re.search(r"^USER \d+$", stage, re.MULTILINE)


def test_every_service_says_how_it_is() -> None:
    for name, service in COMPOSE["services"].items():
        in_image = name in ("web", "ws") and "HEALTHCHECK" in Path("Dockerfile").read_text()
        watch_only = "profiles" in service
        assert service.get("healthcheck") or in_image or watch_only, name


def test_nothing_starts_before_the_database_is_ready() -> None:
    for name in OURS:
        waits = COMPOSE["services"][name]["depends_on"]
        assert waits["prepare"]["condition"] == "service_completed_successfully"


# What a migration may not do to tables that have millions of rows: rewrite them, or build an index while
# nobody else can write.
BIG = {"useranimerating", "animesnapshot", "listimportline", "feedback"}
# The last ones of before the first release: nobody had such tables yet.
BEFORE = {"catalog": "0001", "ratings": "0004", "recommender": "0001"}


def test_no_migration_locks_a_big_table() -> None:
    loader = MigrationLoader(None)
    locking = [
        f"{app}.{name}: {operation.describe()}"
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if app in BEFORE and name[:4] > BEFORE[app]
        for operation in migration.operations
        if getattr(operation, "model_name", "").lower() in BIG and locks(operation)
    ]
    assert locking == []


def locks(operation: Any) -> bool:
    if isinstance(operation, AddField):
        # A column that may be empty, or whose default the database keeps, is added in an instant.
        field = operation.field
        return not (field.null or field.has_db_default() or field.many_to_many)
    return isinstance(operation, AddIndex | AddConstraint | AlterField) and not isinstance(
        operation, AddIndexConcurrently
    )
