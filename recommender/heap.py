"""What a process keeps for as long as it lives, out of the garbage collector's sight."""

import gc

# New objects between two looks at the young ones: a page makes some ten thousand and drops them all.
# Python looks after every 700, and, with what is frozen out of the count, at the old ones too often.
YOUNG = 20_000


def settle() -> None:
    """Called once something large has been loaded.

    Django, the libraries and the models are some 170,000 objects. A full collection walks them all,
    40 ms in the middle of somebody's request, and finds nothing in them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
