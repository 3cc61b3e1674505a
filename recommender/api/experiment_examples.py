"""Examples of experiments for the schema."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

VARIANTS: list[dict[str, Any]] = [
    {"name": "as-it-is", "share": 0.5, "model": None, "dials": {}, "rules": {}},
    {"name": "rare-first", "share": 0.5, "model": None, "dials": {"popularity": -0.5}, "rules": {}},
]
ASKED: dict[str, Any] = {
    "name": "rare-first",
    "hypothesis": "Members find more to watch among what few know.",
    "kind": "ab",
    "layer": "ranking",
    "metric": "taken_up",
    "guardrails": ["disliked"],
    "base_rate": 0.2,
    "wanted_lift": 0.1,
    "days": 28,
    "variants": VARIANTS,
}
TOLD: dict[str, Any] = {
    **{name: ASKED[name] for name in ("name", "hypothesis", "kind")},
    "state": "running", "layer": "ranking", "slice_start": 0.0, "slice_end": 1.0, "audience": "everybody",
    **{name: ASKED[name] for name in ("metric", "guardrails", "base_rate", "wanted_lift", "days")},
    "window_days": 7, "members_needed": 10764, "started_at": "2026-11-01T09:00:00Z", "stopped_at": None,
    "winner": None, "variants": VARIANTS,
}  # fmt: skip
ESTIMATE = {"value": 0.03, "low": 0.012, "high": 0.048, "p": 0.001}
REPORT: dict[str, Any] = {
    "says": [
        "rare-first is better: 23.0% of its members put a title on their list, 20.0% of the others. "
        "The difference lies between +0.6 and +5.4 points, whenever you look."
    ],
    "members_needed": 10764,
    "left_out": 0,
    "without_chance": [],
    "preference": None,
    "bandit": None,
    "shares": {"p": 0.61, "is_mismatch": False},
    "variants": [
        {"name": "as-it-is", "share": 0.5, "members": 4012},
        {"name": "rare-first", "share": 0.5, "members": 3988},
    ],
    "primary": [
        {
            "metric": "taken_up", "variant": "rare-first", "control": 0.2, "treatment": 0.23,
            "one_look": ESTIMATE, "with_before": {**ESTIMATE, "low": 0.014, "high": 0.046},
            "any_time": [{"day": 12, "members": 8000, **ESTIMATE, "low": 0.006, "high": 0.054}],
            "p": 0.004, "is_found": True, "is_better": True,
        }
    ],
    "guardrails": [],
    "per_title": [{"variant": "rare-first", **ESTIMATE}],
    "segments": [],
}  # fmt: skip
CHANGES = [{"state": "running", "by": "mara", "said": "", "at": "2026-11-01T09:00:00Z"}]

DRAFT = OpenApiExample("A dial", value=ASKED, request_only=True)
EXPERIMENT = OpenApiExample("One", value=TOLD, response_only=True, status_codes=["200", "201"])
EXPERIMENTS = OpenApiExample(
    "One of them", value={"next": None, "results": [TOLD]}, response_only=True, status_codes=["200"]
)
WHOLE = OpenApiExample(
    "With its report",
    value={**TOLD, "changes": CHANGES, "report": REPORT},
    response_only=True,
    status_codes=["200"],
)
START = OpenApiExample("Start it", value={"to": "running"}, request_only=True)
DECIDE = OpenApiExample(
    "Decide it",
    value={"to": "decided", "winner": "rare-first", "said": "It is better for newcomers too."},
    request_only=True,
)
