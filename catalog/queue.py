"""Asking the worker for a task where the queue may be gone."""

from kombu.exceptions import ChannelError, OperationalError

# What asking raises then: a broker's own, or the disk's.
QUEUE_IS_GONE = (OperationalError, ChannelError, OSError)
