"""The hot questions of the site, and the ways to index each: what `indexes.py` measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Way:
    """`made`: statements that build it; `ask`: another wording of the question, where it takes one.

    `table`: of which the size of the indexes is told, where `made` adds columns. `shipped`: what the site has.
    """

    name: str
    made: Sequence[str] = ()
    ask: str = ""
    shipped: bool = False


@dataclass(frozen=True)
class Question:
    """`ask`: SQL with one place for each of `values` of a draw; `drawn`: what SQL draws them from.

    `on`: the tables whose indexes are compared; they lose all others meanwhile.
    """

    name: str
    on: Sequence[str]
    ask: str
    drawn: str
    ways: Sequence[Way] = field(default_factory=tuple)
    ordered: bool = False


LISTS, TITLES, GENRES = "ratings_useranimerating", "catalog_anime", "catalog_animegenre"

MEMBERS_LIST = Question(
    "a member's list", (LISTS,),
    f"SELECT anime_id, score, status, counts FROM {LISTS} WHERE user_id = %s",
    f"SELECT user_id FROM {LISTS} TABLESAMPLE SYSTEM (1) REPEATABLE (7)",
    (
        Way("none"),
        Way("B-tree (member)", (f"CREATE INDEX w ON {LISTS} (user_id)",)),
        Way("hash (member)", (f"CREATE INDEX w ON {LISTS} USING hash (user_id)",)),
        Way("BRIN (member), lines in order of members", (f"CREATE INDEX w ON {LISTS} USING brin (user_id)",)),
        Way("unique (member, title)", (f"CREATE UNIQUE INDEX w ON {LISTS} (user_id, anime_id)",)),
        Way("unique (member, title) covering score, status, counts",
            (f"CREATE UNIQUE INDEX w ON {LISTS} (user_id, anime_id) INCLUDE (score, status, counts)",), shipped=True),
    ),
)  # fmt: skip

RATERS = Question(
    "raters of a title", (LISTS,),
    f"SELECT user_id FROM {LISTS} WHERE anime_id = %s",
    f"SELECT anime_id FROM {LISTS} TABLESAMPLE SYSTEM (1) REPEATABLE (7)",
    (
        Way("none"),
        Way("B-tree (title)", (f"CREATE INDEX w ON {LISTS} (anime_id)",)),
        Way("BRIN (title)", (f"CREATE INDEX w ON {LISTS} USING brin (anime_id)",)),
        Way("composite (member, title)", (f"CREATE INDEX w ON {LISTS} (user_id, anime_id)",)),
        Way("composite (title, member)", (f"CREATE INDEX w ON {LISTS} (anime_id, user_id)",), shipped=True),
    ),
)  # fmt: skip

SCORES = Question(
    "scores of a title", (LISTS,),
    f"SELECT score, count(*) FROM {LISTS} WHERE anime_id = %s AND score IS NOT NULL GROUP BY score",
    f"SELECT anime_id FROM {LISTS} TABLESAMPLE SYSTEM (1) REPEATABLE (7)",
    (
        Way("none"),
        Way("composite (title, member)", (f"CREATE INDEX w ON {LISTS} (anime_id, user_id)",), shipped=True),
        Way("partial (title) of scored lines", (f"CREATE INDEX w ON {LISTS} (anime_id) WHERE score IS NOT NULL",)),
        Way("covering (title, member) with score",
            (f"CREATE INDEX w ON {LISTS} (anime_id, user_id) INCLUDE (score)",)),
        Way("partial covering (title) with score, of scored lines",
            (f"CREATE INDEX w ON {LISTS} (anime_id, score) WHERE score IS NOT NULL",)),
    ),
)  # fmt: skip

LEADERBOARD = Question(
    "leaderboard by members' scores", (LISTS,),
    f"SELECT anime_id, avg(score), count(*) FROM {LISTS} WHERE score IS NOT NULL AND anime_id > %s GROUP BY anime_id "
    "HAVING count(*) >= 100 ORDER BY avg(score) DESC, anime_id LIMIT 50",
    "SELECT 0",
    (
        Way("none"),
        Way("composite (title, member)", (f"CREATE INDEX w ON {LISTS} (anime_id, user_id)",), shipped=True),
        Way("partial covering (title) with score, of scored lines",
            (f"CREATE INDEX w ON {LISTS} (anime_id, score) WHERE score IS NOT NULL",)),
        Way("a table of sums beside it, B-tree (mean)", (
            f"CREATE MATERIALIZED VIEW sums AS SELECT anime_id, avg(score), count(*) FROM {LISTS} "
            "WHERE score IS NOT NULL GROUP BY anime_id HAVING count(*) >= 100",
            "CREATE INDEX w ON sums (avg DESC, anime_id)",
        ), "SELECT anime_id, avg, count FROM sums WHERE anime_id > %s ORDER BY avg DESC, anime_id LIMIT 50"),
    ),
    ordered=True,
)  # fmt: skip

_ARRAYS = (
    f"ALTER TABLE {TITLES} ADD COLUMN genre_ids int[] NOT NULL DEFAULT '{{}}'",
    f"UPDATE {TITLES} SET genre_ids = own.ids FROM (SELECT anime_id, array_agg(genre_id ORDER BY genre_id) AS ids "
    f"FROM {GENRES} GROUP BY anime_id) own WHERE own.anime_id = mal_id",
)
_UNIQUE = f"CREATE UNIQUE INDEX w ON {GENRES} (anime_id, genre_id)"
_BY_GENRE = f"CREATE INDEX w2 ON {GENRES} (genre_id, anime_id)"
ALL_GENRES = Question(
    "titles with all of three genres", (GENRES,),
    f"SELECT mal_id FROM {TITLES} t WHERE " + " AND ".join(
        [f"EXISTS (SELECT FROM {GENRES} g WHERE g.anime_id = t.mal_id AND g.genre_id = %s)"] * 3
    ),
    f"SELECT a.genre_id, b.genre_id, c.genre_id FROM {GENRES} a JOIN {GENRES} b USING (anime_id) "
    f"JOIN {GENRES} c USING (anime_id) WHERE a.genre_id < b.genre_id AND b.genre_id < c.genre_id ORDER BY a.id, b.id, c.id",
    (
        Way("none"),
        Way("join, (title, genre)", (_UNIQUE,)),
        Way("join, (title, genre) and (genre, title)", (_UNIQUE, _BY_GENRE), shipped=True),
        Way("array beside it, no index", _ARRAYS,
            f"SELECT mal_id FROM {TITLES} WHERE genre_ids @> ARRAY[%s::int, %s::int, %s::int]"),
        Way("array beside it, GIN", (*_ARRAYS, f"CREATE INDEX w ON {TITLES} USING gin (genre_ids)"),
            f"SELECT mal_id FROM {TITLES} WHERE genre_ids @> ARRAY[%s::int, %s::int, %s::int]"),
    ),
)  # fmt: skip

ANY_BUT = Question(
    "titles with any of two genres and not a third", (GENRES,),
    f"SELECT mal_id FROM {TITLES} t WHERE EXISTS (SELECT FROM {GENRES} g WHERE g.anime_id = t.mal_id AND g.genre_id IN (%s, %s)) "
    f"AND NOT EXISTS (SELECT FROM {GENRES} g WHERE g.anime_id = t.mal_id AND g.genre_id = %s)",
    ALL_GENRES.drawn,
    (
        Way("none"),
        Way("join, (title, genre)", (_UNIQUE,)),
        Way("join, (title, genre) and (genre, title)", (_UNIQUE, _BY_GENRE), shipped=True),
        Way("array beside it, GIN", (*_ARRAYS, f"CREATE INDEX w ON {TITLES} USING gin (genre_ids)"),
            f"SELECT mal_id FROM {TITLES} WHERE genre_ids && ARRAY[%s::int, %s::int] AND NOT genre_ids @> ARRAY[%s::int]"),
    ),
)  # fmt: skip

_LIKE = f"SELECT mal_id FROM {TITLES} WHERE search_text %% %s"
MISSPELT = Question(
    "a title's name with a mistake", (TITLES,), _LIKE,
    # Every fifth letter is missing.
    f"SELECT regexp_replace(lower(title), '(....).', '\\1', 'g') FROM {TITLES} WHERE length(title) BETWEEN 10 AND 30 ORDER BY md5(mal_id::text)",
    (
        Way("none"),
        Way("trigrams, GiST", (f"CREATE INDEX w ON {TITLES} USING gist (search_text gist_trgm_ops)",)),
        Way("trigrams, GIN", (f"CREATE INDEX w ON {TITLES} USING gin (search_text gin_trgm_ops)",), shipped=True),
    ),
)  # fmt: skip

_VECTOR = "to_tsvector('english', synopsis)"
WORDS = Question(
    "words of a synopsis", (TITLES,),
    f"SELECT mal_id FROM {TITLES} WHERE {_VECTOR} @@ plainto_tsquery('english', %s)",
    f"SELECT substring(synopsis FROM '[a-z]{{6,9}} [a-z]{{5,9}}') FROM {TITLES} WHERE synopsis ~ '[a-z]{{6,9}} [a-z]{{5,9}}' ORDER BY md5(mal_id::text)",
    (
        Way("none", shipped=True),
        Way("GIN of an expression", (f"CREATE INDEX w ON {TITLES} USING gin ({_VECTOR})",)),
        Way("GIN of a stored column", (
            f"ALTER TABLE {TITLES} ADD COLUMN words tsvector GENERATED ALWAYS AS ({_VECTOR}) STORED",
            f"CREATE INDEX w ON {TITLES} USING gin (words)",
        ), f"SELECT mal_id FROM {TITLES} WHERE words @@ plainto_tsquery('english', %s)"),
    ),
)  # fmt: skip

SEASON = Question(
    "a season's premieres", (TITLES,),
    f"SELECT mal_id FROM {TITLES} WHERE year = %s AND season = %s ORDER BY members DESC NULLS LAST, mal_id",
    f"SELECT DISTINCT year, season FROM {TITLES} WHERE season <> '' ORDER BY year, season",
    (
        Way("none"),
        Way("B-tree (year, season)", (f"CREATE INDEX w ON {TITLES} (year, season)",), shipped=True),
        Way("B-tree (season, year)", (f"CREATE INDEX w ON {TITLES} (season, year)",)),
        Way("with the order, (year, season, members)",
            (f"CREATE INDEX w ON {TITLES} (year, season, members DESC NULLS LAST, mal_id)",)),
        Way("partial (year, season) of titles with a season",
            (f"CREATE INDEX w ON {TITLES} (year, season) WHERE season <> ''",)),
        Way("BRIN (year)", (f"CREATE INDEX w ON {TITLES} USING brin (year)",)),
    ),
    ordered=True,
)  # fmt: skip

QUESTIONS = (
    MEMBERS_LIST, RATERS, SCORES, LEADERBOARD, ALL_GENRES, ANY_BUT, MISSPELT, WORDS, SEASON,
)  # fmt: skip

# What a new line of a list pays: sets of indexes beside the key.
WRITES = (
    Way("the key alone"),
    Way("unique (member, title)", (f"CREATE UNIQUE INDEX w ON {LISTS} (user_id, anime_id)",)),
    Way("unique covering, and (title, member)", (
        f"CREATE UNIQUE INDEX w ON {LISTS} (user_id, anime_id) INCLUDE (score, status, counts)",
        f"CREATE INDEX w2 ON {LISTS} (anime_id, user_id)",
    ), shipped=True),
    Way("these, and partial covering (title) with score", (
        f"CREATE UNIQUE INDEX w ON {LISTS} (user_id, anime_id) INCLUDE (score, status, counts)",
        f"CREATE INDEX w2 ON {LISTS} (anime_id, user_id)",
        f"CREATE INDEX w3 ON {LISTS} (anime_id, score) WHERE score IS NOT NULL",
    )),
)  # fmt: skip
