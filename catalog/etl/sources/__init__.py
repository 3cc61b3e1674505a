"""Where records come from: live sources, and files that were published once."""
