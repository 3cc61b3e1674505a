"""What members do who browse, rate and ask, one at a time each, with pauses to read. Run by benchmarks/load.py.

LOAD_MEMBERS: a file of JSON, one line for each member: name, password, token. A member signs in by the form,
as a browser does, and asks the fragments of a page as its scripts would.
"""

import json
import os
import random
import re
from itertools import cycle
from pathlib import Path
from typing import Any

from locust import FastHttpUser, between, task

MEMBERS = cycle(
    json.loads(line) for line in Path(os.environ["LOAD_MEMBERS"]).read_text().splitlines()
)
SEARCHES = (
    "fullmetal",
    "naruto",
    "cowboy bebop",
    "steins gate",
    "mushi",
    "ghibli",
    "evangelion",
    "one pice",
)
GENRES = ("Drama", "Mystery", "Sci-Fi", "Comedy", "Romance", "Fantasy")
FRAGMENT = {"HX-Request": "true"}


class Member(FastHttpUser):
    wait_time = between(3, 9)

    def on_start(self) -> None:
        self.me = next(MEMBERS)
        self.rng = random.Random(self.me["name"])  # noqa: S311 - no secret
        self.seen: list[str] = ["1", "5", "20"]
        self.csrf = ""
        form = self.client.get("/sign-in/", name="/sign-in/").text or ""
        said = {"username": self.me["name"], "password": self.me["password"], **self._csrf(form)}
        with self.client.post(
            "/sign-in/", said, name="/sign-in/ POST", allow_redirects=False, catch_response=True
        ) as answer:
            if answer.status_code != 302:
                answer.failure(f"not signed in: {answer.status_code}")
        # A sign-in makes a new one.
        self.csrf = ""

    def _csrf(self, page: str) -> dict[str, str]:
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        self.csrf = found[1] if found else self.csrf
        return {"csrfmiddlewaretoken": self.csrf}

    def _page(self, path: str, name: str) -> str:
        answer = self.client.get(path, name=name)
        text = answer.text or ""
        self.seen = re.findall(r'href="/anime/(\d+)/"', text)[:40] or self.seen
        self._csrf(text)
        return text

    def _title(self) -> str:
        return self.rng.choice(self.seen)

    @task(4)
    def for_you(self) -> None:
        self._page("/for-you/", "/for-you/")

    @task(4)
    def title(self) -> None:
        pk = self._title()
        self._page(f"/anime/{pk}/", "/anime/ID/")
        for part in ("similar", "fit"):
            self.client.get(f"/anime/{pk}/{part}/", name=f"/anime/ID/{part}/", headers=FRAGMENT)

    @task(3)
    def rate(self) -> None:
        if not self.csrf:
            self._page("/for-you/", "/for-you/")
        said: dict[str, Any] = {"score": self.rng.randint(4, 10), "csrfmiddlewaretoken": self.csrf}
        path = f"/anime/{self._title()}/rate/"
        self.client.post(path, said, name="/anime/ID/rate/ POST", headers=FRAGMENT)

    @task(2)
    def search(self) -> None:
        self._page(f"/anime/?q={self.rng.choice(SEARCHES)}", "/anime/?q=")

    @task(1)
    def browse(self) -> None:
        self._page(f"/anime/?genre={self.rng.choice(GENRES)}&sort=score", "/anime/?genre=")

    @task(1)
    def my_list(self) -> None:
        self._page("/my-list/", "/my-list/")

    @task(1)
    def season(self) -> None:
        year, name = (
            self.rng.randint(2010, 2023),
            self.rng.choice(("winter", "spring", "summer", "fall")),
        )
        self._page(f"/seasons/{year}/{name}/", "/seasons/YEAR/NAME/")

    @task(1)
    def taste(self) -> None:
        self._page("/taste/", "/taste/")

    @task(2)
    def program(self) -> None:
        token = {"Authorization": f"Bearer {self.me['token']}"}
        self.client.get("/api/v1/recommend", name="/api/v1/recommend", headers=token)
        self.client.get(f"/api/v1/similar?anime_id={self._title()}", name="/api/v1/similar")

    @task(1)
    def program_rates(self) -> None:
        token = {"Authorization": f"Bearer {self.me['token']}"}
        said = {"anime_id": int(self._title()), "score": self.rng.randint(4, 10)}
        self.client.post("/api/v1/rate", json=said, name="/api/v1/rate POST", headers=token)
