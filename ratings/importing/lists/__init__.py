"""A member's list from elsewhere: read, sorted, shown before anything is written, written, undone."""
