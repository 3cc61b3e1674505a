"""What a backup says of itself."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.apps import apps as current
from django.apps.registry import Apps
from django.db.models import Model

FORMAT, VERSION = "animerec-backup", 1
MANIFEST = "manifest.json"
TABLES, MODELS = "tables", "models"
# What only the moment needs, or what a restored site makes anew.
LEFT_OUT = {"sessions.session", "ratings.keptanswer"}


@dataclass(frozen=True)
class Table:
    label: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`migrations`: the last one of each app. `files`: hashes of the models' files, by their path."""

    made_at: str
    site: str
    migrations: dict[str, str]
    tables: list[Table]
    files: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return {"format": FORMAT, "version": VERSION, **asdict(self)}


def kept_models(apps: Apps = current) -> list[type[Model]]:
    """Every table that is backed up, also those of plain many-to-many relations."""
    found: Iterable[type[Model]] = apps.get_models(include_auto_created=True)
    kept = [one for one in found if one._meta.managed and not one._meta.proxy]
    return [one for one in kept if one._meta.label_lower not in LEFT_OUT]


class Hashed:
    """A file that is written or read through, and hashed on the way."""

    def __init__(self, file: Any) -> None:
        self.file, self.digest = file, sha256()

    def write(self, data: bytes) -> None:
        self.digest.update(data)
        self.file.write(data)


def hash_of(file: Path) -> str:
    with file.open("rb") as opened:
        digest = sha256()
        while part := opened.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
