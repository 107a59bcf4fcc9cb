"""When? Dates, lengths and priorities in, decisions out. Pure: `now` is always an argument."""
