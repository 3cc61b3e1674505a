"""How often an answer was there already; whoever watches over the site may listen."""

from collections.abc import Callable

# Called with the name of what was asked for, and whether it was kept.
Listener = Callable[[str, bool], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def asked(what: str, *, was_kept: bool) -> None:
    for listener in _listeners:
        listener(what, was_kept)
