"""What was worked out for one list a moment ago: a question, its reasons and its details ask in turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from recommender.engine.interactions import MemberList

Found = TypeVar("Found")


class Lately(Generic[Found]):
    """Holds what the list asked about last came to, in each thread."""

    def __init__(self) -> None:
        self._held = threading.local()

    def of(self, member: MemberList, make: Callable[[], Found]) -> Found:
        held: tuple[MemberList, Found] | None = getattr(self._held, "pair", None)
        # The very same list: two that are alike are not looked for.
        if held is None or held[0] is not member:
            held = self._held.pair = (member, make())
        return held[1]
