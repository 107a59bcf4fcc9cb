"""What an office writes about its loudspeakers: counted from the history, worded, and written as files."""
