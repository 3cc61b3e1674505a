"""Questions asked by several threads while the answers before them are worked on."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Generic, TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")
# So often whoever waits looks up from waiting.
_IDLE_EVERY = 2.0


class Ahead(Generic[Task, Answer]):
    """Answers in the order of the tasks; never more than `most` are under way or waiting."""

    def __init__(
        self,
        fetch: Callable[[Task], Answer],
        next_task: Callable[[], Task | None],
        *,
        threads: int,
        most: int,
        idle: Callable[[], None],
    ) -> None:
        self._fetch, self._next_task, self._idle = fetch, next_task, idle
        self._most = most
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="fetch")
        self._waiting: deque[tuple[Task, Future[Answer]]] = deque()

    def __enter__(self) -> "Ahead[Task, Answer]":
        return self

    def __exit__(self, *problem: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __iter__(self) -> Iterator[tuple[Task, Future[Answer]]]:
        """Each task with its finished future, which raises what the fetch raised."""
        self._fill()
        while self._waiting:
            task, future = self._waiting.popleft()
            self._wait(future)
            yield task, future
            self._fill()

    def now(self, task: Task) -> Answer:
        """Ask out of order."""
        future = self._pool.submit(self._fetch, task)
        self._wait(future)
        return future.result()

    def _fill(self) -> None:
        while len(self._waiting) < self._most and (task := self._next_task()) is not None:
            self._waiting.append((task, self._pool.submit(self._fetch, task)))

    def _wait(self, future: "Future[Answer]") -> None:
        while True:
            try:
                future.exception(timeout=_IDLE_EVERY)
            except NotYet:
                self._idle()
            else:
                return
