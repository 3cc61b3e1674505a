"""One who comes back with a long list, one who looks after the catalogue, and one who runs the site."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalog.models import Anime, Genre
from ratings.models import User, UserAnimeRating, WatchStatus
from recommender.engine.popularity import Popularity
from recommender.models import TrainingRun
from recommender.tasks import train_models
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser

PASSWORD = "lantern-on-the-quay"
MANY = 1000


def sign_in(page: Page, name: str, to: str) -> None:
    page.goto(f"/sign-in/?next={to}")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{to}")


def with_a_long_list() -> User:
    """Has rated a thousand titles; some of the most watched are still to be seen."""
    member = User.objects.create_user("yuna", password=PASSWORD)
    titles = list(Anime.objects.recommendable().most_watched_first()[40 : 40 + MANY])
    UserAnimeRating.objects.bulk_create(
        UserAnimeRating(
            user=member, anime=title, status=WatchStatus.COMPLETED, score=5 + title.pk % 6
        )
        for title in titles
    )
    assert member.list_entries.count() == MANY
    return member


def test_whoever_comes_back_with_a_thousand_ratings_goes_on_where_they_were(
    window: Window,
) -> None:
    with_a_long_list()
    page = window.open()
    sign_in(page, "yuna", "/for-you/")
    expect(page.get_by_text("From 1,000 titles on your list")).to_be_visible()
    cards = page.locator("#cards .card__title")
    first, second = cards.nth(0).inner_text(), cards.nth(1).inner_text()
    # What was hidden a moment ago is not there when one comes Back from a title.
    page.get_by_role("button", name=f"Not interested in {first}", exact=True).click()
    expect(page.get_by_text(f"Hidden: {first}")).to_be_visible()
    page.locator(".card__link", has=page.get_by_text(second, exact=True)).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(second)
    page.get_by_role("button", name="9", exact=True).first.click()
    expect(page.locator(".mine__state").first).to_contain_text("You gave it a 9")
    page.go_back()
    page.wait_for_url("**/for-you/")
    page.reload()
    expect(page.get_by_text("From 1,001 titles on your list")).to_be_visible()
    left = cards.all_inner_texts()
    assert first not in left
    assert second not in left
    page.goto("/my-list/")
    expect(page.get_by_role("link", name=second, exact=True).first).to_be_visible()


def test_a_curator_finds_a_title_renames_it_and_joins_two_genres(window: Window) -> None:
    User.objects.create_superuser("curator", password=PASSWORD)
    title = Anime.objects.recommendable().most_watched_first()[0]
    wrong = Genre.objects.create(name="Advnture")
    title.genres.add(wrong)
    page = window.open()
    sign_in(page, "curator", "/for-you/")
    page.locator("[data-menu] summary").click()
    page.get_by_role("link", name="Staff").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(reverse("admin:catalog_anime_changelist"))
    page.locator("#searchbar").fill(title.title)
    page.locator("#searchbar").press("Enter")
    page.locator("#result_list").get_by_role("link", name=title.title, exact=True).first.click()
    page.locator("#id_title_english").fill("A Name Set Right")
    page.locator("input[name=_save]").click()
    page.goto(f"/anime/{title.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("A Name Set Right")
    page.goto(f"{reverse('admin:catalog_genre_changelist')}?q=dv")
    for name in ("Adventure", "Advnture"):
        page.get_by_role("row", name=name).locator("input.action-select").check()
    page.locator("select[name=action]").select_option(label="Merge into one…")
    page.locator("button[name=index]").click()
    kept = Genre.objects.get(name="Adventure")
    page.get_by_label("Which one stays?").select_option(str(kept.pk))
    page.locator("input[name=apply]").click()
    expect(page.locator(".messagelist")).to_be_visible()
    assert not Genre.objects.filter(name="Advnture").exists()
    assert title.genres.filter(name="Adventure").exists()


def a_dataset(folder: Path) -> Path:
    """One title that is new here, and sixty lists of twelve titles each."""
    titles = list(Anime.objects.recommendable().most_watched_first().values_list("pk", flat=True))
    lines = [
        f"{member},{titles[(7 * member + n) % 90]},{5 + (member + n) % 6}"
        for member in range(1, 61)
        for n in range(12)
    ]
    head = "anime_id,name,genre,type,episodes,rating,members"
    (folder / "anime.csv").write_text(f"{head}\n990001,Lantern Road,Drama,TV,12,7.5,40\n")
    (folder / "rating.csv").write_text("\n".join(["user_id,anime_id,rating", *lines, ""]))
    return folder


def test_an_operator_brings_a_dataset_trains_and_watches_it_end(
    window: Window, tmp_path: Path
) -> None:
    User.objects.create_superuser("operator", password=PASSWORD)
    call_command("load_dataset", str(a_dataset(tmp_path)), stdout=io.StringIO())
    page = window.open()
    sign_in(page, "operator", reverse("staff"))
    main = page.get_by_role("main")
    main.get_by_role("link", name="Imports", exact=True).click()
    expect(page.get_by_role("table", name="Of the catalogue")).to_contain_text("anime.csv")
    main.get_by_role("link", name="Training", exact=True).click()
    page.get_by_role("button", name="Train now").click()
    expect(page.get_by_text("Training waits for the worker.")).to_be_visible()
    newest = page.get_by_role("table", name="The newest trainings").get_by_role("row").nth(1)
    expect(newest).to_contain_text("Waiting for the worker")
    # A second one would learn the same: it is not begun.
    page.get_by_role("button", name="Train now").click()
    expect(page.get_by_text("A training waits or runs already.")).to_be_visible()
    # The worker's part, done here for one model of fourteen; the page finds out by itself.
    run = TrainingRun.objects.get()
    run.kinds = [Popularity.kind]
    run.save()
    train_models(run.pk)
    expect(newest).to_contain_text("Done", timeout=15_000)
    served = page.get_by_role("table", name="Served models")
    row = served.get_by_role("row", name=f"{Popularity.kind} {Popularity.kind} 0")
    expect(row).to_contain_text("minutes")
    main.get_by_role("link", name="System", exact=True).click()
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    page.wait_for_load_state("networkidle")  # whoever asks the workers waits a second
    page.goto("/anime/?q=lantern+road")
    expect(page.get_by_text("Lantern Road").first).to_be_visible()
