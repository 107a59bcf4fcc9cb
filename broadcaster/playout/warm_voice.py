"""One speech worker kept warm, so that an emergency is spoken without waiting for anything to start."""

from __future__ import annotations

import logging

from audio.speech.engine import SpeechError
from audio.speech.espeak_link import EspeakLink

logger = logging.getLogger(__name__)


class WarmVoice:
    """Holds the worker and starts a new one when it has died."""

    def __init__(self) -> None:
        self._link = EspeakLink()

    def start(self) -> None:
        self.check()

    def check(self) -> None:
        """Start the worker when it does not run; a machine on which it cannot is told in the log."""
        try:
            self._link.warm()
        except SpeechError as error:
            logger.error("no warm voice: %s", error)

    def close(self) -> None:
        self._link.close()
