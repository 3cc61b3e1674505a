"""A list from elsewhere in a real browser: sent, looked at, imported, taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Anime
from ratings import tasks
from ratings.models import User
from ratings.tests.exports import mal, mal_xml
from tests.browser.conftest import Window
from tests.browser.test_journey import sign_up

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])

# A file dropped as the browser's own code sees it.
DROP = """([name, text]) => {
  const held = new DataTransfer();
  held.items.add(new File([text], name));
  const drop = document.querySelector(".drop");
  for (const kind of ["dragenter", "dragover", "drop"])
    drop.dispatchEvent(new DragEvent(kind, {dataTransfer: held, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(autouse=True)
def _at_work() -> Iterator[None]:
    """The worker's work is done where it is asked for."""
    tasks.import_list.app.conf.task_always_eager = True
    yield
    tasks.import_list.app.conf.task_always_eager = False


@pytest.fixture
def export(site: str, tmp_path: Path) -> Path:
    """Two titles of the demonstration, one that it lacks, one that cannot be."""
    known = Anime.objects.visible().most_watched_first().values_list("pk", flat=True)[:2]
    path = tmp_path / "animelist_1_-_1.xml"
    path.write_bytes(
        mal_xml(
            mal(known[0], 9), mal(known[1], 4, "Dropped"), mal(9_900_001, 5), mal(9_900_002, 11)
        )
    )
    return path


def begin(page: Page) -> None:
    sign_up(page)
    page.get_by_role("main").get_by_role("link", name="Import it").click()
    page.wait_for_url("**/import/")


@BOTH
def test_a_list_is_sent_looked_at_imported_and_taken_back(
    window: Window, export: Path, javascript: bool
) -> None:
    page = window.open(javascript=javascript)
    begin(page)
    page.locator("#file").set_input_files(export)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", name="Nothing is written yet")).to_be_visible()
    expect(page.locator(".counts")).to_contain_text("2 New")
    page.get_by_role("link", name="Not readable 1").click()
    expect(page.locator(".import-list")).to_contain_text("The score “11” is not from 1 to 10.")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="2 titles written to your list")).to_be_visible()
    page.get_by_role("link", name="Your recommendations").click()
    expect(page.get_by_text("From 2 titles on your list")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("2 titles taken off your list again")).to_be_visible()
    assert not User.objects.get(username="ines").list_entries.exists()


@BOTH
def test_doubtful_titles_are_decided_one_by_one(
    window: Window, tmp_path: Path, javascript: bool
) -> None:
    title = Anime.objects.visible().most_watched_first().first()
    assert title
    wrong = title.title[:4] + title.title[5:]
    path = tmp_path / "names.csv"
    path.write_text(f"title,score\n{wrong},9\n")
    page = window.open(javascript=javascript, phone=True)
    begin(page)
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("1 still needs your word")).to_be_visible()
    page.get_by_role("radio", name=title.display_title).first.check()
    if not javascript:
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 title of the file would change your list.")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="1 title written to your list")).to_be_visible()
    assert User.objects.get(username="ines").list_entries.get().anime_id == title.pk


def test_a_file_may_be_dropped_and_one_too_large_is_named_before_it_is_sent(
    window: Window, export: Path
) -> None:
    page = window.open()
    begin(page)
    button = page.get_by_role("button", name="Show what would change")
    page.evaluate(DROP, ["all.xml", "x" * (6 << 20)])
    expect(page.get_by_text("all.xml is larger than 5 MB")).to_be_visible()
    expect(button).to_be_disabled()
    page.evaluate(DROP, [export.name, export.read_text()])
    expect(page.get_by_text("is larger than 5 MB")).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    expect(page.get_by_role("heading", name=export.name)).to_be_visible()
