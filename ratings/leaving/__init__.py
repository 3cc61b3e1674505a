"""What is kept about a member: handed over as files, and taken away for good."""

from ratings.leaving.belongings import Belonging, belongings, how_many
from ratings.leaving.everything import everything_as_json
from ratings.leaving.mal_xml import list_as_mal_xml
from ratings.leaving.taking_away import MayNotLeave, erase, why_not

# By what a member or an operator calls them.
FORMATS = {"json": everything_as_json, "xml": list_as_mal_xml}

__all__ = [
    "FORMATS",
    "Belonging",
    "MayNotLeave",
    "belongings",
    "erase",
    "everything_as_json",
    "how_many",
    "list_as_mal_xml",
    "why_not",
]
