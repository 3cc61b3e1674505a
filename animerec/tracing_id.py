"""The id of the request, or task, that is at work: known to all that log, and imported by nothing heavy."""

from contextvars import ContextVar

NONE = "-"
current_id: ContextVar[str] = ContextVar("request_id", default=NONE)
