"""gunicorn's worker with threads; while all its threads work, it leaves new connections to other processes.

Connections are kept for many requests. Who is quickest takes all of a burst, as a proxy opens them, and
has them for good: the other processes have nothing to do, and half of the machine is not used.
"""

import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# Where all processes work without a pause, somebody has to take in who waits outside.
LONGEST = 0.05


class FairWorker(ThreadWorker):  # type: ignore[misc]  # it has no types
    accepted_at = 0.0

    @property
    def worker_connections(self) -> int:
        """How many connections there may be when another is taken; gunicorn asks before each."""
        most: int = self.cfg.worker_connections
        if time.monotonic() - self.accepted_at > LONGEST:
            return most
        idle = len(self.keepalived_conns) + len(self.pending_conns)
        threads: int = self.cfg.threads
        return min(most, idle + threads)

    @worker_connections.setter
    def worker_connections(self, most: Any) -> None:
        """It is in the settings."""

    def accept(self, listener: Any) -> None:
        self.accepted_at = time.monotonic()
        super().accept(listener)
