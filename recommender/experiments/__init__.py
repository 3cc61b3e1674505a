"""Experiments on live members: their states, who sees what, what was shown and what came of it."""
