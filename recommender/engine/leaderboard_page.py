"""A leaderboard's file as a page: what it holds and nothing else, the same page for the same file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from recommender.engine.tables import NOTHING, Chapter, Table, estimate, number, within

Figures = dict[str, Any]
SHOWN_AT = 20

# What each column says, for those columns that a page has.
MEANINGS = {
    "NDCG": "how near the order of the list is to the best possible one, 0 to 1: a hidden title at "
    "rank r counts 1 / log2(r + 1), and the sum is divided by what the best order would have",
    "95 % interval": "bootstrap over the test members; two models whose intervals overlap can still "
    "differ, for they were asked about the same members: ratios are resampled together",
    "recall": "hidden titles found, of as many as the list could hold",
    "MAP": "mean over members of the average precision at each hidden title found",
    "NDCG liked": "the same with only those hidden titles that the member scored 8 or more; members "
    "who have none are left out",
    "coverage": "distinct titles listed to anybody, of those that anybody in training watched",
    "novelty": "mean of -log2 of the share of training members who watched a listed title, in bits "
    "(Vargas & Castells 2011)",
    "diversity": "mean over pairs in a list of 1 - cosine of their genres; titles without genres are "
    "left out",
    "sequels": "share of the list that is a later part of a series of which the shown list has a "
    "part already; series are told by relations and, where none are known, by titles that begin alike",
    "RMSE": "root of the mean squared error of predicted scores, in points of 1 to 10; the interval "
    "resamples members",
    "MAE": "mean absolute error of predicted scores, in points of 1 to 10",
    "fit, s": "seconds to learn from the training members, by the clock, whatever else the machine "
    "was doing",
    "ms": "milliseconds by the clock for one member's best 100 titles, or predicted scores: mean",
    "ms, 95 %": "what 95 of 100 members took at most",
    "MB": "millions of bytes of the saved model",
}
NEVER_SHOWN = (
    "A hidden title is the only right answer: a title nobody of them watched may be the better "
    "recommendation, and what members would say of the lists is not asked.",
    "Whoever watched what was popular or suggested to them then makes popular titles right now; the "
    "figures compare models on these members and say nothing of another community.",
)
SECTION_NAMES = {
    "members": "Members held out",
    "curve": "New members",
    "statistics": "Without the catalogue's own statistics",
    "random": "Lines held out at random",
    "dates": "Held out by date",
    "new_titles": "New titles",
}


def page(figures: Figures, link: str = "") -> str:
    """The whole page in Markdown. `link`: where the file stands, seen from the page."""
    told = chapters(figures)
    all_chapters = (_how_to_read(told), *told, _not_shown(figures))
    parts = ["# Evaluation", *_origin(figures, link), _data(figures)]
    return "\n\n".join([*parts, *(chapter.as_markdown() for chapter in all_chapters)]) + "\n"


def printed(figures: Figures) -> str:
    """The same chapters for a terminal."""
    told = chapters(figures)
    return "\n\n\n".join(chapter.as_text() for chapter in (*told, _not_shown(figures)))


def chapters(figures: Figures) -> list[Chapter]:
    """One chapter for each section that was measured."""
    made = []
    for name, section in figures["sections"].items():
        if "left_out" not in section or isinstance(section["left_out"], list):
            made.append(CHAPTERS.get(name, _simple)(name, section, figures))
    return made


# --- what is told of the file


def _origin(figures: Figures, link: str) -> list[str]:
    file = f"[`{link}`]({link})" if link else "one file"
    said = f"Every figure here is from {file}"
    if "command" not in figures:
        return [f"{said}."]
    who = "these commands" if "\n" in figures["command"] else "this command"
    return [f"{said}, which {who} wrote:", f"```sh\n{figures['command']}\n```"]


def _data(figures: Figures) -> str:
    data, versions = figures["data"], figures.get("versions", {})
    catalogue = data["catalogue"]
    origins = data.get("origins", {})
    who = ", ".join(f"{count:,} from {name}" for name, count in sorted(origins.items()))
    members = f"{data['members']:,} members" + (f" ({who})" if who else "")
    made_with = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    machine = figures.get("machine")
    if machine:
        made_with += (
            f", on {machine['cores']} cores with a load of {machine['load_before']} before and "
            f"{machine['load_after']} after"
        )
    return (
        f"**Data.** {data['lines']:,} lines of {members} on {data['titles']:,} titles; "
        f"{data['scores']:,} lines have a score, {data['days']:,} a day. SHA-256 of the lists begins "
        f"with `{data['fingerprint'][:16]}`. The catalogue has {catalogue['titles']:,} titles: "
        f"{catalogue['synopses']:,} with a synopsis, {catalogue['genres']:,} with genres, "
        f"{catalogue['studios']:,} with studios, {catalogue['years']:,} with a year, and "
        f"{catalogue['prequels']:,} relations to a prequel."
        + (f" Made with {made_with}." if made_with else "")
    )


def _how_to_read(told: Iterable[Chapter]) -> Chapter:
    columns = {column for chapter in told for table in chapter.tables for column in table.head}
    lines = [f"- **{name}**: {meaning}." for name, meaning in MEANINGS.items() if name in columns]
    return Chapter("How to read it", ["\n".join(lines)])


def _not_shown(figures: Figures) -> Chapter:
    sections = figures["sections"]
    lines = [f"- {sentence}" for sentence in NEVER_SHOWN]
    for name, title in SECTION_NAMES.items():
        section = sections.get(name)
        if section is None:
            lines.append(f"- {title}: not measured.")
        elif isinstance(section.get("left_out"), str):
            lines.append(f"- {title}: left out, {section['left_out']}.")
        else:
            lines += [
                f"- {title}, {one['kind']}: left out, {one['why']}."
                for one in section.get("left_out", [])
            ]
    return Chapter("What it does not show", ["\n".join(lines)])


# --- sections


def _members(name: str, section: Figures, figures: Figures) -> Chapter:
    ranked = _ranked(section)
    ks = [row["k"] for row in ranked[0]["at"]] if ranked else []
    shown = [k for k in ks if k == SHOWN_AT] or ks[-1:]
    tables = [_accuracy(ranked, k) for k in ks]
    tables += [_character(ranked, k, "at", f"What the first {k} titles are like") for k in shown]
    tables += [
        _character(
            ranked, k, "in_series_order", f"The first {k} in series order, no part before its turn"
        )
        for k in shown
    ]
    new = section["new_stories"]
    if new["hidden_lines"]:
        tables += [_new_stories(ranked, k, new, section, figures["baselines"]) for k in shown]
    tables += [*_ratios(section, figures), *_errors(section), _costs(section["models"])]
    return Chapter(SECTION_NAMES[name], _split(section), [table for table in tables if table.rows])


def _simple(name: str, section: Figures, figures: Figures) -> Chapter:
    metric, k = section["metric"]
    ranked = sorted(_ranked(section), key=lambda model: -_at(model, k)[metric])
    tables = [_accuracy(ranked, k), *_ratios(section, figures), *_errors(section)]
    return Chapter(SECTION_NAMES[name], _split(section), [table for table in tables if table.rows])


def _statistics(name: str, section: Figures, figures: Figures) -> Chapter:
    model, ratio = section["models"][0], section["ratio"]
    _, k = section["metric"]
    told = (
        f"{model['kind']} fitted once more on the training members above, not told how many know "
        f"each title elsewhere nor how it is scored there. Its NDCG@{k} is "
        f"{estimate(ratio['ratio'], ratio['low'], ratio['high'])} of what it is with both."
    )
    return Chapter(SECTION_NAMES[name], [told], [_accuracy([model], k)])


def _curve(name: str, section: Figures, figures: Figures) -> Chapter:
    metric, k = section["metric"]
    models = sorted(section["models"], key=lambda model: -model["sizes"][-1]["ndcg"]["mean"])
    sizes = [size["titles"] for size in models[0]["sizes"]]
    head = ["model", *(f"{size} title{'s' * (size > 1)}" for size in sizes)]
    means = [
        [m["kind"], *(estimate(*_values(size["ndcg"], "mean")) for size in m["sizes"])]
        for m in models
    ]
    times = [
        [m["kind"], *(estimate(*_values(size["ratio"], "ratio"), digits=2) for size in m["sizes"])]
        for m in models
        if m["kind"] != figures["reference"] and m["sizes"][0]["ratio"]
    ]
    tables = [
        Table(
            head, means, f"{metric.upper()}@{k} and its 95 % interval, by how many titles are shown"
        ),
        Table(head, times, f"How many times that of {figures['reference']}"),
    ]
    draws = figures["settings"]["draws"]
    told = (
        f"The models are those fitted for the members held out; {section['split']['test_members']:,} "
        f"of these have lists long enough to be asked at every size. {draws} draws of the titles "
        "shown are averaged."
    )
    return Chapter(
        SECTION_NAMES[name],
        [section["split"]["how"] + " " + told],
        [table for table in tables if table.rows],
    )


CHAPTERS: dict[str, Callable[[str, Figures, Figures], Chapter]] = {
    "members": _members,
    "curve": _curve,
    "statistics": _statistics,
}


# --- tables


def _accuracy(ranked: Sequence[Figures], k: int) -> Table:
    head = ["model", "NDCG", "95 % interval", "recall", "MAP", "NDCG liked"]
    return Table(
        head, [[m["kind"], *_accuracy_cells(_at(m, k))] for m in ranked], f"First {k} titles"
    )


def _accuracy_cells(row: Figures) -> list[str]:
    return [
        number(row["ndcg"]),
        within(row["ndcg_low"], row["ndcg_high"]),
        *(number(row[name]) for name in ("recall", "map", "liked_ndcg")),
    ]


def _character(ranked: Sequence[Figures], k: int, which: str, caption: str) -> Table:
    head = ["model", "NDCG", "95 % interval", "coverage", "novelty", "diversity", "sequels"]
    rows = []
    for model in ranked:
        row = _at(model, k, which)
        cells = [*_accuracy_cells(row)[:2], number(row["coverage"]), number(row["novelty"], 2)]
        rows.append([model["kind"], *cells, number(row["diversity"]), number(row["sequel_share"])])
    return Table(head, rows, caption)


def _new_stories(
    ranked: Sequence[Figures], k: int, new: Figures, section: Figures, baselines: Sequence[str]
) -> Table:
    hidden = section["split"]["hidden_lines"]
    present = [kind for kind in baselines if kind in new["ratios"]]
    rows = [
        [
            m["kind"],
            *_accuracy_cells(_at(m, k, "new_stories"))[:2],
            *_over(m, present, new["ratios"]),
        ]
        for m in ranked
    ]
    caption = (
        f"Without sequels: neither listed nor looked for, which leaves {new['hidden_lines']:,} of "
        f"{hidden:,} hidden lines; first {k} titles"
    )
    return Table(
        ["model", "NDCG", "95 % interval", *(f"over {kind}" for kind in present)], rows, caption
    )


def _ratios(section: Figures, figures: Figures) -> list[Table]:
    metric, k = section["metric"]
    ratios = section["ratios"]
    present = [kind for kind in figures["baselines"] if kind in ratios]
    if len(ratios) < 2 or not present:
        return []
    models = sorted(_ranked(section), key=lambda model: -_at(model, k)[metric])
    rows = [[model["kind"], *_over(model, present, ratios)] for model in models]
    named = "NDCG" if metric == "ndcg" else metric
    caption = f"{named}@{k} of a model over that of another, with the 95 % interval of the ratio"
    return [Table(["model", *(f"over {kind}" for kind in present)], rows, caption)]


def _over(model: Figures, baselines: Sequence[str], ratios: Figures) -> list[str]:
    own = ratios[model["kind"]]
    return [
        estimate(*_values(own.get(kind), "ratio"), digits=2) if kind in own else NOTHING
        for kind in baselines
    ]


def _errors(section: Figures) -> list[Table]:
    found = [(m["kind"], m["errors"]) for m in section["models"] if m.get("errors")]
    if not found:
        return []
    found = sorted(found, key=lambda one: one[1]["rmse"])
    found.append(("the mean of all scores", section["mean_score"]))
    rows = [
        [kind, number(e["rmse"]), within(e["rmse_low"], e["rmse_high"]), number(e["mae"])]
        for kind, e in found
    ]
    caption = f"Predicted scores, against {section['mean_score']['scores']:,} hidden ones"
    return [Table(["model", "RMSE", "95 % interval", "MAE"], rows, caption)]


def _costs(models: Sequence[Figures]) -> Table:
    rows = [
        [
            m["kind"],
            number(m["fit_seconds"], 1),
            number(m.get("milliseconds_per_member"), 2),
            number(m.get("milliseconds_p95"), 2),
            number(m["bytes"] / 1e6, 1),
        ]
        for m in models
    ]
    return Table(["model", "fit, s", "ms", "ms, 95 %", "MB"], rows, "What it costs")


def _split(section: Figures) -> list[str]:
    return [section["split"]["how"], f"Split: {section['split']['description']}."]


def _ranked(section: Figures) -> list[Figures]:
    """Models with lists, best first at SHOWN_AT or at the longest length there is."""
    found = [model for model in section["models"] if model["at"]]
    return sorted(found, key=lambda model: -_at(model, SHOWN_AT)["ndcg"])


def _at(model: Figures, k: int, which: str = "at") -> Figures:
    rows: list[Figures] = model[which]
    return next((row for row in rows if row["k"] == k), rows[-1])


def _values(
    estimated: Figures | None, name: str
) -> tuple[float | None, float | None, float | None]:
    if estimated is None:
        return None, None, None
    return estimated[name], estimated["low"], estimated["high"]
