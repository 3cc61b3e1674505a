"""manage.py import_list"""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ratings.models import ListImport, User
from ratings.tests.exports import ALBUM, HARBOUR, UNKNOWN, mal, mal_xml

pytestmark = pytest.mark.django_db

FILE = mal_xml(mal(HARBOUR, 3), mal(ALBUM, 10), mal(UNKNOWN, 5), mal(9_000_003, "ten"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "list.xml"
    path.write_bytes(FILE)
    return path


def run(*arguments: object) -> str:
    said = io.StringIO()
    call_command("import_list", *map(str, arguments), stdout=said)
    return said.getvalue()


def test_it_imports_and_reports(casual: User, file: Path) -> None:
    said = run(file, "--user", "casual")
    assert "list.xml: MyAnimeList, 4 titles" in said
    assert "1  New" in said
    assert "number 4, Title 9000003: The score “ten” is no number." in said
    assert "2 titles written." in said
    assert casual.list_entries.get(anime=HARBOUR).score == 3


def test_a_preview_writes_nothing(casual: User, file: Path) -> None:
    assert "Nothing was written." in run(file, "--user", "casual", "--preview")
    assert casual.list_entries.count() == 2
    assert not ListImport.objects.exists()


def test_mine_is_kept_where_asked(casual: User, file: Path) -> None:
    assert "1 stayed as they were" in run(file, "--user", "casual", "--conflict", "mine")
    assert casual.list_entries.get(anime=HARBOUR).score == 8


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{file}", "--user", "nobody"], "No member is called nobody."),
        (["/no/such/file", "--user", "casual"], "No such file"),
        (["{folder}", "--user", "casual"], "Is a directory"),
        (["{pdf}", "--user", "casual"], "This is a PDF, not a list."),
        (["--user", "casual"], "Name a FILE"),
        (["{file}", "--user", "casual", "--anilist", "x"], "Name a FILE"),
        (["--user", "casual", "--anilist", "x"], "does not ask AniList"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_status_tells(
    casual: User, file: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    pdf = tmp_path / "list.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    names = {"file": file, "folder": tmp_path, "pdf": pdf}
    with pytest.raises(CommandError, match=said) as refused:
        run(*(one.format(**names) for one in arguments))
    assert refused.value.returncode == 2
    assert casual.list_entries.count() == 2
