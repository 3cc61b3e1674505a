"""Sockets that tell a member what is new: who listens, what they hear, how they get in."""
