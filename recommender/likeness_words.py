"""What makes two titles go together, in words."""

from collections.abc import Sequence

WATCHED, ALIKE = "Watched by the same members", "Alike"
# A part of content, as a reader would call it.
PARTS = {
    "synopsis": "story",
    "title": "name",
    "series": "series",
    "genre": "genres",
    "studio": "studio",
    "type": "kind",
    "source": "source",
    "era": "years",
    "length": "length",
}


def why(watched: float, alike: Sequence[str]) -> str:
    """'Watched by the same members, and alike in genres and story': what counts more comes first.

    `watched`: the share of their likeness that comes of members who watched both, 0..1.
    """
    in_what = alike_in(alike)
    if watched >= 1:
        return WATCHED
    if watched <= 0:
        return in_what
    if watched >= 0.5:
        return f"{WATCHED}, and {lower(in_what)}"
    return f"{in_what}, and {lower(WATCHED)}"


def alike_in(parts: Sequence[str]) -> str:
    words = [PARTS[part] for part in parts]
    if not words:
        return f"{ALIKE} in what is told of them"
    *first, last = words
    return f"{ALIKE} in {', '.join(first)} and {last}" if first else f"{ALIKE} in {last}"


def lower(words: str) -> str:
    return words[:1].lower() + words[1:]
