"""How alike what somebody typed is to the names of titles."""

from collections.abc import Iterable

from rapidfuzz import fuzz

# How alike a name must be, of 100, to be taken for the one that was meant.
CUTOFF = 72
# A name in the middle of a longer one counts a little less than a whole one.
WITHIN = 0.94
# Of one name so much must be there for it to be the longer one's part and not a mere syllable.
SHORTEST_PART = 0.75
MOST_PIECES = 24


def pieces(wanted: str) -> list[str]:
    """Pairs of neighbouring letters, each once: what a misspelt name still shares with the right one."""
    words = wanted.split()
    pairs = [word[at : at + 2] for word in words for at in range(max(1, len(word) - 1))]
    return list(dict.fromkeys(pairs))[:MOST_PIECES]


def likeness(wanted: str, name: str) -> float:
    """From 0 to 100; at its height when the whole name is what was typed, in any order of words."""
    whole = fuzz.ratio(wanted, name, score_cutoff=CUTOFF)
    if len(name) < SHORTEST_PART * len(wanted):
        return whole
    part = WITHIN * fuzz.partial_ratio(wanted, name, score_cutoff=CUTOFF)
    sorted_words = WITHIN * fuzz.token_sort_ratio(wanted, name, score_cutoff=CUTOFF)
    return max(whole, part, sorted_words)


def most_alike(wanted: str, names: Iterable[tuple[int, str]]) -> list[int]:
    """Ids of those with a name like the wanted one, the likeliest first; equals stay as they came."""
    best = [(max(likeness(wanted, name) for name in text.split("\n")), pk) for pk, text in names]
    found = [(round(score), pk) for score, pk in best if score >= CUTOFF]
    return [pk for _, pk in sorted(found, key=lambda pair: -pair[0])]
