"""Every page of the site: who sees it, and where it is.

The tests of accessibility, budgets, layout and hostile addresses walk this table, and so does
`make screenshots`. `test_every_page_is_in_the_table` fails where an address is in neither of the
two tables below.
"""

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """Through whose eyes a page is looked at."""

    GUEST = "guest"
    MEMBER = "member"  # of the demonstration: a list, ratings, a taste
    NEWCOMER = "newcomer"  # an account, and nothing else
    STAFF = "staff"


@dataclass(frozen=True)
class Page:
    """`path` may hold {title}, {member}, {year} {experiment} and {company} (five others): what the walker fills in."""

    name: str
    route: str
    path: str
    who: tuple[Who, ...] = (Who.GUEST, Who.MEMBER)
    # Has charts, and so may load their script.
    charts: bool = False


PAGES = [
    Page("home", "home", "/", (Who.GUEST, Who.NEWCOMER, Who.MEMBER)),
    Page("browse", "catalog:browse", "/anime/"),
    Page("browse-search", "catalog:browse", "/anime/?q=mushi&sort=score", (Who.MEMBER,)),
    Page("browse-empty", "catalog:browse", "/anime/?q=zzzzqqqq", (Who.GUEST,)),
    Page("title", "catalog:anime", "/anime/{title}/", charts=True),
    Page("similar", "recommender:similar", "/anime/{title}/similar/", (Who.MEMBER,)),
    Page("fit", "recommender:fit", "/anime/{title}/fit/"),
    Page("network", "recommender:network", "/anime/{title}/network/", charts=True),
    Page("scores", "ratings:scores", "/anime/{title}/scores/", charts=True),
    Page("family", "ratings:family", "/anime/{title}/mine/family/"),
    Page("mine", "ratings:mine", "/anime/{title}/mine/", (Who.GUEST, Who.MEMBER)),
    Page("sign-in", "ratings:sign-in", "/sign-in/", (Who.GUEST,)),
    Page("sign-up", "ratings:sign-up", "/sign-up/", (Who.GUEST,)),
    Page("reset", "ratings:reset", "/password-reset/", (Who.GUEST,)),
    Page("reset-sent", "ratings:reset-sent", "/password-reset/sent/", (Who.GUEST,)),
    Page("reset-password", "ratings:reset-password", "/password-reset/x/y/", (Who.GUEST,)),
    Page("quiz", "recommender:quiz", "/quiz/", (Who.GUEST, Who.NEWCOMER, Who.MEMBER)),
    Page("for-you", "recommender:for-you", "/for-you/", (Who.GUEST, Who.NEWCOMER, Who.MEMBER)),
    Page("for-you-long", "recommender:for-you", "/for-you/?n=120", (Who.MEMBER,)),
    Page("why", "recommender:why", "/for-you/why/{title}/", (Who.NEWCOMER, Who.MEMBER)),
    Page("continue", "recommender:continue", "/for-you/continue/", (Who.NEWCOMER, Who.MEMBER)),
    Page("newest", "recommender:newest", "/for-you/new/", (Who.NEWCOMER, Who.MEMBER)),
    Page("hidden", "recommender:hidden", "/for-you/hidden/", (Who.MEMBER,)),
    Page(
        "taste", "recommender:taste", "/taste/", (Who.GUEST, Who.NEWCOMER, Who.MEMBER), charts=True
    ),
    Page("members", "recommender:members", "/taste/members/", (Who.NEWCOMER, Who.MEMBER)),
    Page(
        "compare", "recommender:compare", "/members/{member}/compare/", (Who.NEWCOMER, Who.MEMBER)
    ),
    Page("together", "recommender:together", "/together/", (Who.NEWCOMER, Who.MEMBER)),
    Page("together-six", "recommender:together", "/together/?{company}", (Who.MEMBER,)),
    Page("my-list", "ratings:my-list", "/my-list/", (Who.GUEST, Who.NEWCOMER, Who.MEMBER)),
    Page("my-list-narrowed", "ratings:my-list", "/my-list/?score_min=8&sort=-title", (Who.MEMBER,)),
    Page("member-list", "ratings:member-list", "/members/{member}/"),
    Page("imports", "ratings:imports", "/import/", (Who.GUEST, Who.MEMBER)),
    Page("following", "ratings:following", "/following/", (Who.GUEST, Who.MEMBER)),
    Page("account", "ratings:account", "/account/", (Who.MEMBER,)),
    Page("delete", "ratings:delete", "/account/delete/", (Who.NEWCOMER,)),
    Page("password", "ratings:password", "/account/password/", (Who.MEMBER,)),
    Page("seasons", "recommender:seasons", "/seasons/"),
    Page("season", "recommender:season", "/seasons/{year}/spring/"),
    Page("season-whole", "recommender:season", "/seasons/{year}/spring/?all=tv", (Who.MEMBER,)),
    Page("trends", "catalog:trends", "/trends/", charts=True),
    Page("trend-genres", "catalog:trend", "/trends/genres/", charts=True),
    Page("trend-seasons", "catalog:trend", "/trends/genres/?by=season", (Who.GUEST,), charts=True),
    Page("trend-studios", "catalog:trend", "/trends/studios/", (Who.GUEST,), charts=True),
    Page("trend-scores", "catalog:trend", "/trends/scores/?by=type", (Who.GUEST,), charts=True),
    Page(
        "trend-wrong", "catalog:trend", "/trends/sources/?year_min=99999", (Who.GUEST,), charts=True
    ),
    Page("staff", "staff", "/staff/", (Who.STAFF,), charts=True),
    Page("staff-data", "staff-data", "/staff/data/", (Who.STAFF,)),
    Page("staff-training", "staff-training", "/staff/training/", (Who.STAFF,)),
    Page("staff-imports", "staff-imports", "/staff/imports/", (Who.STAFF,)),
    Page("staff-experiments", "staff-experiments", "/staff/experiments/", (Who.STAFF,)),
    Page(
        "staff-experiment",
        "staff-experiment",
        "/staff/experiments/{experiment}/",
        (Who.STAFF,),
        charts=True,
    ),
    Page("staff-system", "staff-system", "/staff/system/", (Who.STAFF,)),
    Page("staff-workers", "staff-workers", "/staff/system/workers/", (Who.STAFF,)),
    Page("atlas", "recommender:atlas", "/atlas/", charts=True),
    Page(
        "atlas-title",
        "recommender:atlas",
        "/atlas/?title={title}&color=era",
        (Who.MEMBER,),
        charts=True,
    ),
    Page("atlas-table", "recommender:atlas-table", "/atlas/table/"),
    Page("not-found", "", "/no-such-page/", (Who.GUEST,)),
]

# Addresses that are no pages: they act, answer with a fragment or a file, or lead on.
NOT_PAGES = {
    "admin-sign-in", "catalog:cover", "docs", "schema", "healthz", "readyz", "metrics", "manifest", "favicon",
    "ratings:confirm-email", "ratings:preferences", "ratings:email", "ratings:sign-out", "ratings:make-token", "ratings:revoke-token", "ratings:export-json",
    "ratings:export-xml", "ratings:import-anilist", "ratings:import", "ratings:import-choose",
    "ratings:import-start", "ratings:import-progress", "ratings:import-undo", "ratings:import-delete",
    "ratings:feed", "ratings:renew-feed", "ratings:follow", "ratings:unfollow", "ratings:rate",
    "ratings:status", "ratings:episodes", "ratings:forget", "ratings:list-csv", "ratings:list-save",
    "ratings:list-bulk", "ratings:list-undo", "ratings:list-entry", "recommender:quiz-genres", "recommender:not-seen",
    "recommender:undo-not-seen", "recommender:taste-correct", "recommender:season-calendar",
    "recommender:dismiss", "recommender:undo-dismiss", "catalog:trend-csv", "staff-train",
    "staff-experiment-move",
    "ratings:scores-csv",
    "recommender:network-csv", "catalog:popularity-csv",
    "recommender:atlas-points", "recommender:atlas-names", "recommender:atlas-mine",
    "recommender:atlas-picture",
    "recommender:leave-out", "recommender:count-again",
}  # fmt: skip
