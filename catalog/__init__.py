"""What exists: anime, genres, studios, relations, and the road in from outside."""
