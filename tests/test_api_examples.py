"""The examples of docs/api.md are run as they stand, against a real server."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from animerec.asgi import requests, together
from catalog.models import Anime, Genre
from ratings.models import User
from ratings.tests.exports import mal, mal_xml
from ratings.tests.keys import key_of
from recommender.live.visitor import THREADS
from tests.running import close_connections_of, served_here

PAGE = Path("docs/api.md").read_text()
BLOCKS = re.findall(r"```(bash|python|javascript)\n(.*?)```", PAGE, re.DOTALL)
# Of examples: what the titles are called that they speak of.
TITLES = {457: "Mushishi", 387: "Haibane Renmei", 1: "Cowboy Bebop", 5: "Tengoku no Tobira", 20: "Naruto"}  # fmt: skip


@pytest.fixture
def surroundings(transactional_db: None, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What an example finds: the site, a token, a file to send."""
    mystery = Genre.objects.create(name="Mystery")
    for pk, title in TITLES.items():
        anime = Anime.objects.create(
            mal_id=pk, title=title, search_text=title.lower(), year=2005, status="finished",
            type="tv", members=pk,
        )  # fmt: skip
        anime.genre_links.create(genre=mystery)
    member = User.objects.create(username="ines")
    member.rate(Anime.objects.get(pk=20), score=7)
    (tmp_path / "animelist.xml").write_bytes(mal_xml(mal(1, 9), mal(457, 10)))
    with served_here(together) as site:
        yield {"PATH": os.environ["PATH"], "SITE": site, "KEY": key_of(member)}
    for threads in (THREADS, requests.executor):
        close_connections_of(threads)


def line_for(language: str, script: str) -> list[str]:
    program = {"bash": "curl", "javascript": "node"}.get(language)
    if program and not shutil.which(program):
        pytest.skip(f"there is no {program} here")
    if language == "bash":
        return [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", script]
    if language == "python":
        return [sys.executable, "-c", script]
    return ["node", "--input-type=module", "--eval", script]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", range(len(BLOCKS)))
def test_an_example_works_as_it_stands(
    place: int, surroundings: dict[str, str], tmp_path: Path
) -> None:
    language, script = BLOCKS[place]
    done = subprocess.run(
        line_for(language, script), env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_there_are_examples_of_every_kind() -> None:
    assert {language for language, _ in BLOCKS} == {"bash", "python", "javascript"}


def test_every_address_is_in_the_page() -> None:
    schema = Path("docs/openapi.yaml").read_text()
    parts = set(re.findall(r"^  /api/v1/([a-z]+)", schema, re.MULTILINE))
    assert [part for part in sorted(parts) if not re.search(rf"`[A-Z, ]+ {part}\b", PAGE)] == []
