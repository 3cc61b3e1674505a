"""Whatever a file holds, it is read or refused in a sentence; nothing else ever comes of it."""

import io
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog.etl.reports import Unreadable
from ratings.importing.lists.recognising import read_list
from ratings.models import WatchStatus
from ratings.tests.exports import as_json, mal, mal_xml, packed

GOOD = mal_xml(mal(9_000_001, 8, watched_episodes=3), mal(9_000_002, 0, "Dropped", start_date="2020-00-00"))  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
ENTRY_KEYS = [
    "mal_id",
    "title",
    "status",
    "score",
    "watched_episodes",
    "started_on",
    "finished_on",
    "rewatches",
    "rated_at",
    "name",
    "rating",
    "eps",
    "times",
    "started",
    "completed",
    "series_id",
    "series_type",
    "progress",
    "repeat",
    "updated_at",
    "node",
    "list_status",
    "id",
    "attributes",
    "relationships",
    "type",
    "entries",
    "media",
    "mediaId",
]
ENTRIES = st.lists(st.dictionaries(st.sampled_from(ENTRY_KEYS), ANYTHING, max_size=8) | ANYTHING, max_size=4)  # fmt: skip


def read_all_the_same(file: bytes) -> None:
    with suppress(Unreadable):
        for line in read_list(io.BytesIO(file), lambda ids: {pk: pk for pk in ids}).lines:
            assert line.problem or line.mal_id or line.title
            assert line.status in ("", *WatchStatus.values)
            assert line.score is None or 1 <= line.score <= 10
            assert line.mal_id is None or 1 <= line.mal_id < 2**31
            assert "\0" not in line.title + line.problem
            assert len(line.problem) <= 200


@given(st.binary(max_size=400))
def test_random_bytes(file: bytes) -> None:
    read_all_the_same(file)
    read_all_the_same(b"\x1f\x8b" + file)
    read_all_the_same(packed(file))
    read_all_the_same(b"<" + file)
    read_all_the_same(b"title,score\n" + file)


@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.binary(max_size=30))
def test_an_export_with_a_piece_torn_out_and_another_put_in(
    at: int, length: int, piece: bytes
) -> None:
    read_all_the_same(GOOD[:at] + piece + GOOD[at + length :])


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_any_words_in_the_fields_of_a_table(
    pk: str, score: str, status: str, finished: str
) -> None:
    file = f'mal_id;score;status;finish_date;title\n{pk};{score};{status};{finished};A\n"{score}'
    read_all_the_same(file.encode(errors="replace"))


@given(st.sampled_from(["list", "lists", "entries", "data"]), ENTRIES, ANYTHING)
def test_any_json_in_the_place_of_a_list(key: str, entries: Any, included: Any) -> None:
    read_all_the_same(as_json({"format": "animerec", "version": 1, key: entries}))
    read_all_the_same(as_json({key: entries, "included": included, "user": included}))
    read_all_the_same(as_json({"data": {"x": {"lists": [{"entries": entries}], "user": included}}}))
    read_all_the_same(
        as_json({"data": [{"type": "libraryEntries"}, *entries], "included": entries})
    )
    read_all_the_same(as_json({"data": [{"node": {}, "list_status": {}}, *entries]}))
