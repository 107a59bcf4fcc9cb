"""Keeping a station: copies of it every night, a station made again from one, and what is removed when."""
