"""Writing the shipped prior from the lists in the database."""

from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from ratings.models import User, UserAnimeRating
from recommender import datasets
from recommender.engine.prior import Prior


def test_the_prior_is_written_from_the_lists_in_the_database(
    world: list[User], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("export_prior", output=str(tmp_path / "prior"), min_members=3)
    prior = Prior.load(tmp_path / "prior")
    data = datasets.read_interactions()
    assert prior.members == len(data.member_ids)
    assert prior.least_members == 3
    kept = data.items[~data.dropped]
    title = int(prior.vocabulary.ids[np.argmax(prior.counts)])
    assert prior.counts.max() == (kept == title).sum()
    assert f"{len(prior.vocabulary)} titles" in capsys.readouterr().out


def test_fewer_titles_can_be_asked_for(world: list[User], tmp_path: Path) -> None:
    call_command("export_prior", output=str(tmp_path / "prior"), titles=4, min_members=1)
    assert len(Prior.load(tmp_path / "prior").vocabulary) == 4


def test_an_empty_database_is_an_error_and_writes_nothing(db: None, tmp_path: Path) -> None:
    assert not UserAnimeRating.objects.exists()
    with pytest.raises(CommandError, match="no title was watched"):
        call_command("export_prior", output=str(tmp_path / "prior"))
    assert not (tmp_path / "prior").exists()
