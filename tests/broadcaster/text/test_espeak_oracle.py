"""espeak-ng as a second ear: it must not take anything we say for English."""

from __future__ import annotations

import json
import subprocess
import sys

from broadcaster.text import guard, to_spoken
from tests.broadcaster.text.samples import SAMPLES

ASK = """
import ctypes, json, sys, espeakng_loader
library = ctypes.CDLL(espeakng_loader.get_library_path())
assert library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0) > 0
assert library.espeak_SetVoiceByName(b"vi") == 0
library.espeak_TextToPhonemes.restype = ctypes.c_char_p
library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int]
def phonemes(text):
    buffer = ctypes.create_string_buffer(text.encode())
    rest, said = ctypes.c_void_p(ctypes.addressof(buffer)), []
    while rest.value:
        said.append((library.espeak_TextToPhonemes(ctypes.byref(rest), 1, 0) or b"").decode())
    return " ".join(said)
print(json.dumps([phonemes(text) for text in json.load(sys.stdin)]))
"""


def test_espeak_hears_no_english_in_what_we_say():
    sentences = [sentence.text for sample in SAMPLES for sentence in to_spoken(sample.written).sentences]
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        input=json.dumps(sentences),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    heard = json.loads(done.stdout)
    assert len(heard) == len(sentences) and all(heard)
    assert [text for text, phonemes in zip(sentences, heard, strict=True) if "(en)" in phonemes] == []


def test_the_guard_passes_every_sample():
    refused = [guard(sentence) for sample in SAMPLES for sentence in to_spoken(sample.written).sentences]
    assert [reason for reason in refused if reason] == []
