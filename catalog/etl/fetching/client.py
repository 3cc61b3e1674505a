"""One request to a source, as patient and as polite as the source asks for."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
import tenacity
from pydantic_core import from_json

from catalog.etl.fetching.breaker import Breaker
from catalog.etl.fetching.limiter import Limiter

Answer = TypeVar("Answer")
_BROKEN = 500


class FetchError(Exception):
    """No answer that can be used; the text says why, for the operator."""


class Absent(FetchError):
    """The source says that there is no such thing."""


class Refused(FetchError):
    """Asking again would not help: the question or the key is wrong."""


class Forbidden(Refused):
    """A wrong key; or a source in trouble, which some tell in this way."""


class Unavailable(FetchError):
    """It may well answer later."""


class Resting(Unavailable):
    """It failed too often; nobody asks before `seconds` have passed."""

    def __init__(self, source: str, seconds: float) -> None:
        super().__init__(f"{source} fails too often; it is left alone for {seconds:,.0f} s")
        self.seconds = seconds


class BadAnswer(ValueError):
    """What came is no answer to the question; a reader raises it, and the question is asked again."""


class Cancelled(FetchError):
    """Nobody wants the answer any more."""


@dataclass(frozen=True)
class Backoff:
    """How often to ask in all, and how long to wait at first and at most, in seconds."""

    attempts: int
    first: float
    longest: float

    def pause(self, attempt: int) -> float:
        """Anything up to twice as long each time, so that workers do not come back together."""
        return random.uniform(0, min(self.longest, self.first * 2 ** (attempt - 1)))  # noqa: S311  # no secret


class _Passing(Unavailable):
    """A failure that the next attempt may not have."""

    def __init__(self, said: str, backoff: Backoff, wait: float | None = None) -> None:
        super().__init__(said)
        self.backoff, self.wait = backoff, wait


@dataclass(frozen=True)
class Patience:
    """Every bound of asking, in seconds and bytes."""

    connect: float = 5
    read: float = 30
    # A body that trickles in must be whole by then.
    whole: float = 60
    biggest: int = 32 << 20
    usual: Backoff = Backoff(5, 1, 30)
    # A 500 is mostly the same for the same question every time.
    at_500: Backoff = Backoff(3, 1, 30)
    at_429: Backoff = Backoff(3, 4, 60)
    longest_retry_after: float = 120


class Client:
    """Asks one source; safe to share between threads."""

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        interval: float,
        user_agent: str,
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
        breaker: Breaker | None = None,
        connections: int = 8,
        denials: tuple[str, ...] = (),
    ) -> None:
        self.source = source
        self.base_url = base_url.rstrip("/")
        self.patience = patience or Patience()
        self.limiter = Limiter(source, interval)
        self.breaker = breaker or Breaker(source)
        self.cancelled = False
        # Words by which a 403 means that there is no such thing, not that the source is in trouble.
        self.denials = denials
        self._http = httpx.Client(
            headers={"User-Agent": user_agent, "Accept": "application/json", **(headers or {})},
            timeout=httpx.Timeout(
                self.patience.read, connect=self.patience.connect, pool=self.patience.whole
            ),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=True,
            max_redirects=5,
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, params: Mapping[str, Any], read: Callable[[Any], Answer]) -> Answer:
        """What `read` makes of the answer to GET; a BadAnswer of it counts as none."""
        return self._patiently(
            lambda: self._http.build_request("GET", self.base_url + path, params=dict(params)), read
        )

    def post(self, path: str, body: Any, read: Callable[[Any], Answer]) -> Answer:
        return self._patiently(
            lambda: self._http.build_request("POST", self.base_url + path, json=body), read
        )

    def cancel(self) -> None:
        """Let every thread that waits give up at once."""
        self.cancelled = True

    def _patiently(
        self, request: Callable[[], httpx.Request], read: Callable[[Any], Answer]
    ) -> Answer:
        asking = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Passing),
            stop=lambda state: state.attempt_number >= _passing(state).backoff.attempts,
            wait=self._pause,
            sleep=self._sleep,
            reraise=True,
        )
        answer: Answer = asking(self._once, request, read)
        return answer

    def _once(self, request: Callable[[], httpx.Request], read: Callable[[Any], Answer]) -> Answer:
        if (rest := self.breaker.rest()) > 0:
            raise Resting(self.source, rest)
        self._sleep(self.limiter.next_slot())
        try:
            answer = read(self._json(request()))
        except BadAnswer as problem:
            self.breaker.failed()
            said = f"{self.source} sent what is no answer: {problem}"
            raise _Passing(said, self.patience.usual) from None
        except (_Passing, Forbidden):
            self.breaker.failed()
            raise
        except (Absent, Refused):
            self.breaker.succeeded()
            raise
        self.breaker.succeeded()
        return answer

    def _json(self, request: httpx.Request) -> Any:
        try:
            response, body = self._body(request)
        except (httpx.InvalidURL, httpx.TooManyRedirects, httpx.UnsupportedProtocol) as problem:
            raise Refused(f"{self.source}: {problem}") from None
        except httpx.HTTPError as problem:
            said = f"{self.source}: {type(problem).__name__} {problem}".strip()
            raise _Passing(said, self.patience.usual) from None
        if response.status_code != httpx.codes.OK:
            self._complain(response, body)
        try:
            return from_json(body)
        except ValueError:
            raise BadAnswer(f"no JSON but {bytes(body[:60])!r}") from None

    def _body(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        """The whole body, unless it is too big or takes too long."""
        ends = time.monotonic() + self.patience.whole
        response = self._http.send(request, stream=True)
        try:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > self.patience.biggest:
                    raise BadAnswer(f"more than {self.patience.biggest:,} bytes")
                if time.monotonic() > ends:
                    raise BadAnswer(f"not whole after {self.patience.whole:g} s")
            return response, bytes(body)
        finally:
            response.close()

    def _complain(self, response: httpx.Response, body: bytes) -> None:
        status = response.status_code
        said = f"{self.source} answers {status}: {_message(body)}"
        if status == httpx.codes.NOT_FOUND:
            raise Absent(said)
        if status == httpx.codes.FORBIDDEN:
            if any(word in said.casefold() for word in self.denials):
                raise Absent(said)
            raise Forbidden(said)
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= _BROKEN:
            raise self._passing(status, said, response.headers.get("Retry-After", ""))
        if status < httpx.codes.BAD_REQUEST:
            raise BadAnswer(f"status {status}")
        raise Refused(said)

    def _passing(self, status: int, said: str, retry_after: str) -> _Passing:
        patience = self.patience
        wait = _seconds(retry_after)
        if wait is not None:
            wait = min(wait, patience.longest_retry_after)
            # What one worker is told holds for all of them.
            self.limiter.hold(wait)
        usual = {httpx.codes.TOO_MANY_REQUESTS: patience.at_429, _BROKEN: patience.at_500}
        return _Passing(said, usual.get(status, patience.usual), wait)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        """Retry-After where it was given."""
        problem = _passing(state)
        if problem.wait is not None:
            return problem.wait
        return problem.backoff.pause(state.attempt_number)

    def _sleep(self, seconds: float) -> None:
        """Sleep, in parts, so that a run that was cancelled does not sit out two minutes."""
        ends = time.monotonic() + seconds
        while not self.cancelled and (left := ends - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
        if self.cancelled:
            raise Cancelled(f"{self.source}: cancelled")


def _passing(state: tenacity.RetryCallState) -> _Passing:
    problem = state.outcome and state.outcome.exception()
    assert isinstance(problem, _Passing)  # noqa: S101  # nothing else is tried again
    return problem


def _seconds(value: str) -> float | None:
    """Seconds, or a date; None where it is neither."""
    if value.strip().isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _message(body: bytes) -> str:
    """What an error's body says, on one short line."""
    try:
        told = from_json(body)
    except ValueError:
        return "no JSON"
    if isinstance(told, dict):
        errors = told.get("errors")
        if isinstance(errors, list) and errors and isinstance(errors[0], dict):
            told = errors[0]
        told = told.get("message") or told.get("error") or told
    return " ".join(str(told).split())[:200]
