"""How does it sound, and where does it go? Samples, Hz, dB and devices; no dates, no rows, no rules."""
