"""Kinds of frame (audio/speech/frames.py) that a relay worker sends."""

from __future__ import annotations

from audio.speech import frames

OPENED = b"O"
"""JSON {codec, rate_hz, channels, is_segmented}: the stream is open."""
SOUND = frames.SOUND
"""0.1 s of samples or less: 16 bit little-endian, 48 kHz, mono, at our level."""
LOST = b"L"
"""JSON {trouble}: it could not be opened, or has broken off; it will be opened again."""
QUIET = b"Q"
"""Dead air has begun: the stream goes on without sound."""
SOUNDS = b"S"
"""Dead air has ended."""
BEAT = b"B"
"""Still there."""
