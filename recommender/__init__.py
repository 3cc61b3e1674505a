"""Models trained, served and explained."""
