"""The whole site goes into a file and comes back from it the same, into either kind of database."""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

Told = dict[str, list[Any]]
MORE = """
from catalog.models import Anime
from ratings.models import *
from ratings.tests.keys import key_of
member = User.objects.create_user("ines", "ines@quay.example", "a long enough one", time_zone="Asia/Tokyo")
for place, anime in enumerate(Anime.objects.most_watched_first()[:5]):
    member.rate(anime, score=None if place == 4 else 10 - place)
member.dismiss(Anime.objects.most_watched_first()[7], "look")
key_of(member)
Anime.objects.filter(pk=Anime.objects.most_watched_first()[0].pk).update(synopsis="Zeile\\neins \\u6d77 \\U0001F30A \\" '")
"""


def manage(data: Path, *words: str, database: str = "", fails: bool = False) -> str:
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    env |= {"DATA_DIR": str(data), **({"DATABASE_URL": database} if database else {})}
    done = subprocess.run(
        [sys.executable, "manage.py", *words], env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) == fails, done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A site with the demonstration and a member of its own, and its backup."""
    data = tmp_path_factory.mktemp("site")
    manage(data, "migrate", "-v0")
    manage(data, "load_demo")
    manage(data, "shell", "-v0", "-c", MORE)
    file = data / "site.tar.gz"
    assert "Written" in manage(data, "backup", str(file))
    return data, file


@pytest.fixture
def empty_database() -> Iterator[str]:
    """An empty database of the server that the tests run against; of SQLite where that is none."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield ""
        return
    name = f"restored_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def rows_in(file: Path) -> tuple[Told, dict[str, str]]:
    """By table its rows, and the hashes of the models' files."""
    with tarfile.open(file) as archive:
        found: Told = {}
        for member in archive.getmembers():
            if member.name.endswith(".jsonl"):
                text = archive.extractfile(member)
                assert text
                found[member.name] = [
                    json.loads(line) for line in text.read().decode().splitlines()
                ]
        manifest = archive.extractfile("manifest.json")
        assert manifest
        files: dict[str, str] = json.load(manifest)["files"]
        return found, files


def test_every_row_and_every_model_comes_back(
    made: tuple[Path, Path], tmp_path: Path, empty_database: str
) -> None:
    _, file = made
    said = manage(tmp_path, "restore", str(file), database=empty_database)
    assert "Restored" in said
    again = tmp_path / "again.tar.gz"
    manage(tmp_path, "backup", str(again), database=empty_database)
    (before, models), (after, models_after) = rows_in(file), rows_in(again)
    assert len(before["tables/ratings.useranimerating.jsonl"]) > 500
    assert len(before) > 25
    for name in before:
        assert after[name] == before[name], name
    assert models_after == models
    assert models
    # What is added now gets a key of its own, and members sign in as before.
    ask = (
        "from ratings.models import User; from django.contrib.auth import authenticate;"
        "print(User.objects.create(username='new').pk > User.objects.get(username='ines').pk,"
        "bool(authenticate(username='ines', password='a long enough one')))"
    )
    assert "True True" in manage(tmp_path, "shell", "-v0", "-c", ask, database=empty_database)


def test_a_database_that_holds_a_site_is_left_alone(made: tuple[Path, Path]) -> None:
    data, file = made
    assert "empty one" in manage(data, "restore", str(file), fails=True)


def test_a_backup_is_not_written_over_another_by_mistake(made: tuple[Path, Path]) -> None:
    data, file = made
    before = file.read_bytes()
    assert "there already" in manage(data, "backup", str(file), fails=True)
    assert file.read_bytes() == before


def changed(file: Path, target: Path, change: Any) -> Path:
    """The same backup, but for what `change` makes of the bytes of each part."""
    with tarfile.open(file) as old, tarfile.open(target, "w:gz", compresslevel=1) as new:
        for member in old.getmembers():
            opened = old.extractfile(member)
            data = change(member.name, opened.read() if opened else b"")
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        ("tables/ratings.user.jsonl", b"ines", b"olga", "damaged: tables/ratings.user.jsonl"),
        ("manifest.json", b"animerec-backup", b"other-thing-xyz", "no backup of animerec"),
        ("manifest.json", b'"version": 1', b'"version": 9', "newer animerec"),
        ("manifest.json", b"_initial", b"_someday", "newer than this animerec"),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_nothing_is_written(
    made: tuple[Path, Path], tmp_path: Path, part: str, old: bytes, new: bytes, said: str
) -> None:
    bad = changed(
        made[1], tmp_path / "bad.tar.gz", lambda name, data: data.replace(old, new) if name == part else data
    )  # fmt: skip
    assert said in manage(tmp_path, "restore", str(bad), fails=True)
    assert not (tmp_path / "models").is_dir() or not any((tmp_path / "models").iterdir())


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8b\x08\x00"])
def test_what_is_no_backup_at_all_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar.gz").write_bytes(content)
    assert "damaged" in manage(tmp_path, "restore", str(tmp_path / "x.tar.gz"), fails=True)


def test_a_backup_cut_off_is_refused(made: tuple[Path, Path], tmp_path: Path) -> None:
    whole = made[1].read_bytes()
    (tmp_path / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    assert "damaged" in manage(tmp_path, "restore", str(tmp_path / "half.tar.gz"), fails=True)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "no backup" in manage(tmp_path, "restore", str(tmp_path / "none.tar.gz"), fails=True)
