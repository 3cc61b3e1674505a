"""How staged rows come into members' lists, in words that PostgreSQL and SQLite share."""

# ruff: noqa: S608  # only names of tables and columns are put into these, never a value

from ratings.importing.bulk import COLUMNS
from ratings.models import User, UserAnimeRating

LISTS = UserAnimeRating._meta.db_table
MEMBERS = User._meta.db_table
STAGED = "staged_entries"

DROP = f"DROP TABLE IF EXISTS {STAGED}"
STAGE = f"CREATE TEMPORARY TABLE {STAGED} AS SELECT {COLUMNS} FROM {LISTS} LIMIT 0"
_SAME_LINE = "l.user_id = s.user_id AND l.anime_id = s.anime_id"
# What the file does not count (episodes, in most sets) is no difference and takes nothing away.
DELETE_UNCHANGED = f"""
DELETE FROM {STAGED} AS s WHERE EXISTS (
    SELECT 1 FROM {LISTS} AS l
    WHERE {_SAME_LINE}
    AND NOT (
        l.status <> s.status
        OR l.score {{differs}} s.score
        OR (s.watched_episodes IS NOT NULL AND l.watched_episodes {{differs}} s.watched_episodes)
    )
)"""
COUNT_KNOWN = f"""
SELECT count(*) FROM {STAGED} AS s WHERE EXISTS (SELECT 1 FROM {LISTS} AS l WHERE {_SAME_LINE})"""
TOUCH_LISTS = f"""
UPDATE {MEMBERS} SET list_version = list_version + 1
WHERE id IN (SELECT user_id FROM {STAGED})"""
WRITE = f"""
INSERT INTO {LISTS} AS l ({COLUMNS})
SELECT {COLUMNS} FROM {STAGED} WHERE true
ON CONFLICT (user_id, anime_id) DO UPDATE SET
    status = excluded.status,
    score = excluded.score,
    watched_episodes = COALESCE(excluded.watched_episodes, l.watched_episodes)"""
