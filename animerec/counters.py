"""What is counted while requests are answered; `metrics` tells it to whoever asks."""

from prometheus_client import Counter, Gauge, Histogram

# From what a kept answer takes to what nobody waits for.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Counter("animerec_requests", "Requests answered.", ("method", "route", "status"))
latency = Histogram("animerec_request_seconds", "Time to answer.", ("route",), buckets=BUCKETS)
answers = Counter(
    "animerec_answers", "Answers that were kept from before, or made.", ("what", "was")
)

open_sockets = Gauge("animerec_sockets", "Sockets that are open.", multiprocess_mode="livesum")
messages = Counter("animerec_socket_messages", "Messages that sockets were sent.")


def answered(method: str, route: str, status: int, seconds: float) -> None:
    requests.labels(method, route, str(status)).inc()
    latency.labels(route).observe(seconds)


def kept_or_made(what: str, was_kept: bool) -> None:
    answers.labels(what, "kept" if was_kept else "made").inc()


def sockets(what: str, by: int) -> None:
    if what == "open":
        open_sockets.inc(by)
    else:
        messages.inc(by)
