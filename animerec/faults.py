"""What is told of a fault to whoever collects faults: where it was and which request, and nothing of anybody."""

from typing import Any

from animerec.tracing_id import current_id

# Of a request, what says nothing of who sent it and what they asked.
KEPT = ("method",)


def without_private_parts(event: Any, hint: Any) -> Any:
    """The address stays out: a search stands behind it, and a calendar's has a key in it."""
    request = event.get("request") or {}
    event["request"] = {name: request[name] for name in KEPT if name in request}
    event.pop("user", None)
    event.pop("breadcrumbs", None)
    event.setdefault("tags", {})["request_id"] = current_id.get()
    return event
