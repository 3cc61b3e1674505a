"""Fitted models on disk: one `.npy` per array and a JSON manifest. Nothing is ever unpickled.

An artifact is a folder. It is written beside its place and renamed into it, so a reader finds a
whole artifact or none. Arrays are opened memory-mapped: processes on one machine share the pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import EngineError

FORMAT = 1
MANIFEST = "manifest.json"

Arrays = dict[str, npt.NDArray[Any]]


class ArtifactError(EngineError):
    """The artifact is missing, damaged, or of a version this engine does not read."""


def write_artifact(
    folder: Path, arrays: Mapping[str, npt.NDArray[Any]], manifest: dict[str, Any]
) -> None:
    """Write `arrays` and `manifest` to `folder`, replacing what was there in one rename."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        files = {name: _write_array(aside / f"{name}.npy", array) for name, array in arrays.items()}
        full = {"format": FORMAT, **manifest, "arrays": files}
        (aside / MANIFEST).write_text(json.dumps(full, indent=1, sort_keys=True) + "\n")
        aside.chmod(0o755)
        _swap(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_array(file: Path, array: npt.NDArray[Any]) -> dict[str, Any]:
    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    return {"sha256": _sha256(file), "dtype": str(array.dtype), "shape": list(array.shape)}


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _swap(aside: Path, folder: Path) -> None:
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        os.replace(folder, old / "was")
        os.replace(aside, folder)
        shutil.rmtree(old)
    else:
        os.replace(aside, folder)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the artifact in `folder`; ArtifactError when there is none to trust."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError:
        raise ArtifactError(f"no model in {folder.name}: {MANIFEST} is missing") from None
    except (OSError, ValueError) as problem:
        raise ArtifactError(f"the manifest of {folder.name} cannot be read: {problem}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtifactError(f"{folder.name} is not in artifact format {FORMAT}; train it again")
    return manifest


def read_artifact(folder: Path) -> tuple[Arrays, dict[str, Any]]:
    """All arrays, memory-mapped and checked against the manifest, and the manifest itself."""
    manifest = read_manifest(folder)
    described = manifest.get("arrays")
    if not isinstance(described, dict):
        raise ArtifactError(f"the manifest of {folder.name} lists no arrays")
    return {
        name: _read_array(folder / f"{name}.npy", facts) for name, facts in described.items()
    }, manifest


def _read_array(file: Path, facts: dict[str, Any]) -> npt.NDArray[Any]:
    try:
        if _sha256(file) != facts["sha256"]:
            raise ArtifactError(f"{file.parent.name}/{file.name} is damaged; train the model again")
        # An empty array cannot be mapped; it has nothing to share either.
        mapped: Literal["r"] | None = None if 0 in facts["shape"] else "r"
        array: npt.NDArray[Any] = np.load(file, mmap_mode=mapped, allow_pickle=False)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        if isinstance(problem, ArtifactError):
            raise
        raise ArtifactError(f"{file.parent.name}/{file.name} cannot be read: {problem}") from None
    # A plain array over the mapped pages: every slice of a memmap would cost a Python call.
    return np.asarray(array)
