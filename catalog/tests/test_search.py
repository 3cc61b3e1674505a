import pytest

from catalog.likeness import likeness, most_alike
from catalog.models import Anime, TitleSynonym
from catalog.titles import normalise_title, search_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def titles() -> None:
    names = [
        (1, "Hagane no Tsubasa: Brotherhood", "Steelwing Alchemist", "鋼の翼"),
        (2, "Kaguya no Niwa: Yuki?", "The Garden of Kaguya", "かぐやの庭"),
        (3, "Umi no Toudai", "Lighthouse at Sea", "海の灯台"),
        (4, "Evangelist Genesis", "", ""),
        (5, "Genesis", "", "ガギグゲゴ"),
    ]
    Anime.objects.bulk_create(
        Anime(mal_id=pk, title=romaji, title_english=english, title_japanese=japanese, members=pk)
        for pk, romaji, english, japanese in names
    )
    TitleSynonym.objects.create(anime_id=1, name="HnT:B")
    assert Anime.objects.all().refresh_search_text() == 5


def first(text: str) -> int | None:
    return Anime.objects.search(text).values_list("pk", flat=True).first()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hagane no tsubasa", 1),
        ("STEELWING", 1),
        ("鋼の翼", 1),
        ("hnt b", 1),
        ("  kaguya:   NIWA ", 2),
        ("garden of kaguya", 2),
        ("灯台", 3),
        ("toudai", 3),
    ],
)
def test_a_title_is_found_by_any_of_its_names(text: str, found: int) -> None:
    assert first(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stelwing alchemst", 1),
        ("hagne no tsubsa", 1),
        ("gardn of kaguya", 2),
        ("lighthose at sea", 3),
        ("evangelsit genesis", 4),
    ],
)
def test_a_mistake_in_the_name_does_no_harm(text: str, found: int) -> None:
    assert first(text) == found


def test_a_whole_name_comes_before_a_part_of_one() -> None:
    assert first("genesis") == 5


def test_two_letters_swapped_in_a_short_name_do_no_harm() -> None:
    Anime.objects.create(mal_id=6, title="Boruta", search_text="boruta")
    assert first("bourta") == 6


def test_every_word_may_stand_anywhere_in_the_name() -> None:
    assert first("alchemist steelwing") == 1


def test_among_equals_the_most_watched_comes_first() -> None:
    for pk, members in ((7, 10), (8, 5000)):
        Anime.objects.create(
            mal_id=pk, title="Harbour", members=members, search_text=f"harbour night {pk}"
        )
    assert first("harbour") == 8
    assert first("harbor night") == 8


def test_a_short_name_is_not_found_inside_words() -> None:
    Anime.objects.create(mal_id=9, title="On", search_text="on")
    assert list(Anime.objects.search("on").values_list("pk", flat=True)) == [9]


def test_a_syllable_is_no_likeness() -> None:
    assert likeness("evangelon", "neon genesis evangelion") > 80
    assert likeness("evangelon", "eva") == 0
    assert most_alike("evangelon", [(1, "a\nangel"), (2, "evangelion")]) == [2]


def test_nonsense_finds_nothing() -> None:
    assert list(Anime.objects.search("qqqqzzzzxxxx")) == []


@pytest.mark.parametrize("text", ["", "   ", "!!!", "'"])
def test_a_search_for_nothing_leaves_everything(text: str) -> None:
    assert Anime.objects.search(text).count() == 5


@pytest.mark.parametrize("text", ["%", "_", "\\", "a" * 10_000, "'; drop table", "💥", "a%b_c\\"])
def test_a_hostile_search_is_only_a_search(text: str) -> None:
    list(Anime.objects.search(text)[:5])


def test_a_search_goes_with_other_filters() -> None:
    Anime.objects.filter(pk=1).update(type="movie")
    assert list(
        Anime.objects.filter(type="movie").search("steelwing").values_list("pk", flat=True)
    ) == [1]
    assert not Anime.objects.filter(type="tv").search("steelwing").exists()


def test_names_are_compared_without_case_accents_and_marks() -> None:
    assert normalise_title("Kaguya-sama: Love  is War?") == "kaguya sama love is war"
    assert normalise_title("Pokémon") == "pokemon"
    assert normalise_title("ＦＵＬＬ") == "full"
    assert normalise_title("がぎ") == "がぎ"
    assert search_text(["A", "a", "", "B"]) == "a\nb"
