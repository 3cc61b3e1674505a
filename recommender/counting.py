"""What the recommender does all day, as numbers; whoever watches over the site may listen."""

from collections.abc import Callable

# Called with the name of what was asked for, and whether it was kept.
Listener = Callable[[str, bool], None]
# Called with "open" and how many sockets more or fewer there are, and with "message" for each one said.
SocketListener = Callable[[str, int], None]
_listeners: list[Listener] = []
_socket_listeners: list[SocketListener] = []


def listen(listener: Listener) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def listen_to_sockets(listener: SocketListener) -> None:
    if listener not in _socket_listeners:
        _socket_listeners.append(listener)


def asked(what: str, *, was_kept: bool) -> None:
    for listener in _listeners:
        listener(what, was_kept)


def sockets(what: str, by: int) -> None:
    for listener in _socket_listeners:
        listener(what, by)
