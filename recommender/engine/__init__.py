"""The recommender library: arrays and ids in, arrays and ids out. It knows no web, no database."""
