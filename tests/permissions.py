"""Who may do what: every address of the site and its API, for everybody there is.

`test_permissions.py` asks each of them as each of these, and fails where an address is missing here.
A row says what each is answered: OK for an answer (also "no such thing", "wrong form"), DOOR for being
sent to sign in or up, NO for 403, and for the API ASK for 401.
"""

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    STRANGER = "stranger"  # no session at all
    GUEST = "guest"  # rates without an account
    MEMBER = "member"  # whose things the addresses are about
    OTHER = "other"  # another member
    CURATOR = "curator"  # staff who may change titles
    STAFF = "staff"  # may everything


OK, DOOR, NO, ASK, GONE = "ok", "door", "no", "ask", "gone"
Answers = tuple[str, str, str, str, str, str]

EVERYBODY: Answers = (OK,) * 6
# Guests have lists too; a look shows a stranger an empty one, a change makes a guest of them.
WITH_A_LIST: Answers = (OK,) * 6
KNOWN: Answers = (DOOR, OK, OK, OK, OK, OK)
ACCOUNTS: Answers = (DOOR, DOOR, OK, OK, OK, OK)
# Of the member's own: for others it is not there.
OWN: Answers = (DOOR, GONE, OK, GONE, GONE, GONE)
OWN_ACCOUNT: Answers = (DOOR, DOOR, OK, GONE, GONE, GONE)
# The member shows their list to nobody.
PRIVATE_LIST: Answers = (GONE, GONE, OK, GONE, OK, OK)
# Comparing is agreed to by showing one's list; staff have no more right to it.
PRIVATE_COMPARED: Answers = (DOOR, DOOR, OK, GONE, GONE, GONE)
# No map is drawn in these tests.
MAP: Answers = (DOOR, GONE, GONE, GONE, GONE, GONE)
# Staff give their rights back first.
LEAVING: Answers = (DOOR, DOOR, OK, OK, NO, NO)
STAFF_PAGES: Answers = (DOOR, DOOR, NO, NO, OK, OK)
TRAINING: Answers = (DOOR, DOOR, NO, NO, NO, OK)

API_EVERYBODY: Answers = (OK,) * 6
API_SIGNED_IN: Answers = (ASK, OK, OK, OK, OK, OK)
API_OWN: Answers = (ASK, GONE, OK, GONE, GONE, GONE)
API_PRIVATE: Answers = (NO, NO, OK, NO, OK, OK)
API_STAFF: Answers = (ASK, NO, NO, NO, OK, OK)
API_EXPERIMENTS: Answers = (ASK, NO, NO, NO, NO, OK)
API_TOKENS: Answers = (ASK, NO, OK, OK, OK, OK)


@dataclass(frozen=True)
class Door:
    """`path` may hold {title}, {member}, {year}, {public}, {run}, {token}, {feed}, {confirm}, {experiment}: what the test fills in."""

    method: str
    path: str
    may: Answers


DOORS = [
    # Pages for everybody
    *(Door("GET", path, EVERYBODY) for path in (
        "/", "/anime/", "/anime/{title}/", "/anime/{title}/popularity.csv", "/covers/{title}.svg", "/trends/",
        "/trends/genres/", "/trends/genres.csv", "/seasons/", "/seasons/{year}/spring/",
        "/seasons/{year}/spring.ics", "/atlas/", "/atlas/table/", "/atlas/picture.svg", "/anime/{title}/scores/",
        "/anime/{title}/scores.csv", "/anime/{title}/network/", "/anime/{title}/network.csv",
        "/anime/{title}/similar/", "/password-reset/", "/password-reset/sent/", "/password-reset/x/y/",
        "/account/email/confirm/{confirm}/", "/calendar/{feed}.ics", "/healthz", "/readyz", "/metrics",
        "/manifest.webmanifest", "/favicon.ico", "/admin/login/", "/members/{public}/",
    )),
    Door("POST", "/sign-out/", EVERYBODY),
    Door("POST", "/password-reset/", EVERYBODY),
    Door("GET", "/sign-in/", EVERYBODY),
    Door("GET", "/sign-up/", EVERYBODY),
    # Lists, of accounts and guests
    *(Door("GET", path, WITH_A_LIST) for path in (
        "/for-you/", "/for-you/hidden/", "/for-you/why/{title}/", "/for-you/continue/", "/for-you/new/", "/quiz/",
        "/taste/", "/my-list/", "/import/", "/anime/{title}/mine/", "/anime/{title}/mine/family/",
        "/anime/{title}/fit/", "/following/",
    )),
    *(Door("POST", path, WITH_A_LIST) for path in (
        "/anime/{title}/rate/", "/anime/{title}/status/", "/anime/{title}/episodes/", "/anime/{title}/forget/",
        "/anime/{title}/not-interested/", "/anime/{title}/not-interested/undo/", "/quiz/genres/",
        "/quiz/{title}/not-seen/", "/quiz/{title}/not-seen/undo/", "/import/", "/import/anilist/",
        "/anime/{title}/follow/", "/anime/{title}/unfollow/",
    )),
    Door("POST", "/for-you/leave-out/?feature=popularity", WITH_A_LIST),
    Door("POST", "/for-you/count-again/?feature=popularity", WITH_A_LIST),
    Door("POST", "/taste/correct/?kind=genre&name=Drama&change=undo", WITH_A_LIST),
    Door("POST", "/my-list/save/", KNOWN),
    Door("POST", "/my-list/bulk/", KNOWN),
    Door("POST", "/my-list/undo/", KNOWN),
    Door("GET", "/my-list/list.csv", KNOWN),
    # One's own
    Door("GET", "/my-list/{title}/", OWN),
    *(Door("GET", path, OWN) for path in ("/import/{run}/", "/import/{run}/progress/")),
    *(Door("POST", path, OWN) for path in (
        "/import/{run}/lines/1/", "/import/{run}/start/", "/import/{run}/undo/", "/import/{run}/delete/",
    )),
    Door("POST", "/account/tokens/{token}/revoke/", OWN_ACCOUNT),
    # Accounts alone
    *(Door("GET", path, ACCOUNTS) for path in (
        "/account/", "/account/export.json", "/account/export.xml", "/account/delete/", "/account/password/",
        "/taste/members/", "/together/", "/members/{public}/compare/",
    )),
    *(Door("POST", path, ACCOUNTS) for path in (
        "/account/preferences/", "/account/email/", "/account/tokens/", "/account/calendar/",
        "/account/password/",
    )),
    Door("POST", "/account/delete/", LEAVING),
    Door("GET", "/atlas/mine.json", MAP),
    # What a member shows to nobody
    Door("GET", "/members/{member}/", PRIVATE_LIST),
    Door("GET", "/members/{member}/compare/", PRIVATE_COMPARED),
    # Staff
    *(Door("GET", path, STAFF_PAGES) for path in (
        "/staff/", "/staff/data/", "/staff/training/", "/staff/imports/", "/staff/system/", "/staff/system/workers/",
        "/staff/experiments/", "/staff/experiments/{experiment}/",
    )),
    Door("POST", "/staff/training/start/", TRAINING),
    Door("POST", "/staff/experiments/{experiment}/stop/", TRAINING),
    # The API
    *(Door("GET", f"/api/v1/{path}", API_EVERYBODY) for path in (
        "anime", "anime/{title}", "genres", "studios", "seasons", "seasons/{year}/spring", "trends", "trends/genres",
        "similar?anime_id={title}", "schema", "docs", "recommend?user_id={public}", "list?user_id={public}",
        "explain?anime_id={title}&user_id={public}",
    )),
    Door("POST", "/api/v1/recommend", API_EVERYBODY),
    *(Door("GET", f"/api/v1/{path}", API_PRIVATE) for path in (
        "recommend?user_id={member}", "list?user_id={member}", "explain?anime_id={title}&user_id={member}",
    )),
    *(Door("GET", f"/api/v1/{path}", API_SIGNED_IN) for path in (
        "me", "live", "recommend", "list", "explain?anime_id={title}", "feedback", "taste", "quiz", "imports", "export", "tokens",
    )),
    *(Door(method, f"/api/v1/{path}", API_SIGNED_IN) for method, path in (
        ("POST", "rate"), ("POST", "quiz"), ("POST", "taste"), ("POST", "list/bulk"), ("POST", "imports"),
        ("PUT", "list/{title}"), ("PUT", "feedback/{title}"), ("DELETE", "feedback/{title}"),
    )),
    *(Door(method, f"/api/v1/{path}", API_OWN) for method, path in (
        ("GET", "list/{title}"), ("PATCH", "list/{title}"), ("DELETE", "list/{title}"), ("GET", "imports/{run}"),
        ("GET", "imports/{run}/lines"), ("PATCH", "imports/{run}/lines/1"), ("POST", "imports/{run}/start"),
        ("POST", "imports/{run}/undo"), ("DELETE", "imports/{run}"), ("DELETE", "tokens/{token}"),
    )),
    Door("POST", "/api/v1/tokens", API_TOKENS),
    *(Door("GET", f"/api/v1/{path}", API_STAFF) for path in ("experiments", "experiments/{experiment}")),
    *(Door("POST", f"/api/v1/{path}", API_EXPERIMENTS) for path in ("experiments", "experiments/{experiment}")),
]  # fmt: skip
# Files of a map that is not drawn in these tests; they are the same for everybody.
NOT_ASKED = {"recommender:atlas-points", "recommender:atlas-names"}
