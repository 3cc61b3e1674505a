"""Asking the outside world: how fast, how often, how long, and when to leave it alone."""
