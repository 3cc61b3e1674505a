"""The arithmetic of experiments: who sees what, how large, how certain, and for how long.

Pure functions on arrays and sums; nothing here knows members, models or a database.
"""
