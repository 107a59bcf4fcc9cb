"""After air: what was heard and who did what, chained row by row, found again and exported."""
