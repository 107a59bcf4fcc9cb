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
        self._trouble = ""

    def start(self) -> None:
        self.check()

    def check(self) -> None:
        """Start the worker when it does not run; a machine on which it cannot is told once in the log.

        That no process can be started now (OSError) is no reason to end what sounds.
        """
        try:
            self._link.warm()
        except (SpeechError, OSError) as error:
            if str(error) != self._trouble:
                logger.error("no warm voice: %s", error)
            self._trouble = str(error)
        else:
            self._trouble = ""

    def close(self) -> None:
        self._link.close()
