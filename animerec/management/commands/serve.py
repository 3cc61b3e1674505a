import signal
import socket
import subprocess
import sys
import time
import urllib.request
from argparse import ArgumentTypeError
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

READY_WITHIN = 60.0


def port_number(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text!r} is not a port (1 to 65535)")
    return int(text)


class Command(BaseCommand):
    help = (
        "Prepare the database and the demonstration, then run the site and its worker until Ctrl-C."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000)
        parser.add_argument("--no-demo", action="store_true", help="do not load the demonstration")

    def handle(self, *args: Any, **options: Any) -> None:
        address = f"http://127.0.0.1:{options['port']}"
        self._refuse_a_taken_port(options["port"])
        try:
            self._prepare(demo=not options["no_demo"])
        except DatabaseError as problem:
            raise CommandError(f"the database does not answer: {problem}", returncode=2) from None
        connection.close()
        processes = [self._start(*command) for command in commands(options["port"])]
        try:
            self._wait_until_it_answers(address, processes)
            self._greet(address, demo=not options["no_demo"])
            self._stay(processes)
        finally:
            stop(processes)

    def _refuse_a_taken_port(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise CommandError(
                    f"port {port} is taken; choose another: make run PORT=8001", returncode=2
                ) from None

    def _prepare(self, *, demo: bool) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)
        if demo:
            call_command("load_demo", stdout=self.stdout)

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", *command], cwd=settings.BASE_DIR)  # noqa: S603  # our own commands

    def _wait_until_it_answers(
        self, address: str, processes: "list[subprocess.Popen[bytes]]"
    ) -> None:
        give_up = time.monotonic() + READY_WITHIN
        while time.monotonic() < give_up:
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=2)  # noqa: S310  # our own address
            except OSError:
                if processes[0].poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        raise CommandError("the server did not start; its messages are above", returncode=1)

    def _greet(self, address: str, *, demo: bool) -> None:
        self.stdout.write(f"\n  animerec is at {address}")
        if demo:
            self.stdout.write("  Sign in as demo, password demo (a simulated list), or sign up.")
        self.stdout.write("  Ctrl-C stops it.\n")
        self.stdout.flush()

    def _stay(self, processes: "list[subprocess.Popen[bytes]]") -> None:
        signal.signal(signal.SIGTERM, end)
        try:
            while all(process.poll() is None for process in processes):
                time.sleep(0.5)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
            return
        raise CommandError(
            "a part of the site stopped by itself; its messages are above", returncode=1
        )


def commands(port: int) -> list[list[str]]:
    web = [
        "gunicorn",
        "animerec.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
        "--threads",
        "8",
    ]
    worker = [
        "celery",
        "--app",
        "animerec",
        "worker",
        "--beat",
        "--concurrency",
        "1",
        "--loglevel",
        "WARNING",
    ]
    return [
        [*web, "--log-level", "warning"],
        [*worker, "--without-gossip", "--without-mingle", "--quiet"],
    ]


def end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def stop(processes: "list[subprocess.Popen[bytes]]") -> None:
    """Ask, wait a moment, insist."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
