"""One module for each format: a bounded file in, lines out. None knows the database."""
