"""What may be said, by whom, and what was? Joins `schedules` and `audio` to the rows of the store."""

__version__ = "0.1.0"
