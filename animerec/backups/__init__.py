"""The whole site as one file, and back: every row and every model, from and to any database.

A backup is a tar file, packed: `manifest.json` (which migrations, how many rows, the hash of each part),
a file of JSON lines for each table, and the folders of the models. It is read with the tables as they
were when it was made, and brought up to date afterwards; so an older backup fits a newer site, and one
of SQLite fits PostgreSQL. What only this moment needs (sessions, answers kept for a day) stays out, and
so does the secret key.
"""

from animerec.backups.making import back_up
from animerec.backups.restoring import NotEmpty, Unfit, restore

__all__ = ["NotEmpty", "Unfit", "back_up", "restore"]
