"""Ways out for sound: one file per kind, one protocol in `output.py`."""
