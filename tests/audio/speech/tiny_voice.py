"""A Piper voice of one kilobyte that says one tone, written field by field: nobody's model is needed.

The graph is sin(step * range(count of phoneme ids * length scale * samples per id)) * amplitude. The layout
of the file is that of onnx.proto (Apache-2.0), in the protocol buffers wire format.
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

RATE_HZ = 22_050
_FLOAT, _INT64, _INT = 1, 7, 2
LICENCE = "CC0: giọng thử nghiệm, ai dùng cũng được."


def make(
    folder: Path,
    name: str = "tiny",
    *,
    amplitude: float = 0.5,
    samples_per_id: int = 600,
    licence: str = LICENCE,
    language: str = "vi",
) -> Path:
    """Write model, description and licence into `folder` and return the model's path."""
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(model(amplitude, samples_per_id))
    described = {
        "audio": {"sample_rate": RATE_HZ},
        "espeak": {"voice": language},
        "inference": {"noise_scale": 0.0, "length_scale": 1.0, "noise_w": 0.0},
        "num_symbols": 256,
        "num_speakers": 1,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
    }
    path.with_name(f"{name}.onnx.json").write_text(json.dumps(described), encoding="utf-8")
    if licence:
        path.with_name(f"{name}.license.txt").write_text(licence, encoding="utf-8")
    return path


def model(amplitude: float, samples_per_id: int) -> bytes:
    nodes = [
        _node("Size", ["input"], "count"),
        _node("Cast", ["count"], "ids", to=_FLOAT),
        _node("Gather", ["scales", "second"], "length_scale"),
        _node("Mul", ["ids", "length_scale"], "scaled"),
        _node("Mul", ["scaled", "samples_per_id"], "samples"),
        _node("Range", ["zero", "samples", "one"], "places"),
        _node("Mul", ["places", "step"], "angles"),
        _node("Sin", ["angles"], "wave"),
        _node("Mul", ["wave", "amplitude"], "sound"),
        _node("Reshape", ["sound", "shape"], "output"),
    ]
    constants = [
        _float("zero", 0.0),
        _float("one", 1.0),
        _float("samples_per_id", float(samples_per_id)),
        _float("step", 2 * math.pi * 300 / RATE_HZ),
        _float("amplitude", amplitude),
        _integers("second", [], [1]),
        _integers("shape", [4], [1, 1, 1, -1]),
    ]
    inputs = [("input", _INT64, 2), ("input_lengths", _INT64, 1), ("scales", _FLOAT, 1)]
    graph = b"".join(
        [
            *(_block(1, node) for node in nodes),
            _text(2, "tiny"),
            *(_block(5, constant) for constant in constants),
            *(_block(11, _value(*each)) for each in inputs),
            _block(12, _value("output", _FLOAT, 4)),
        ]
    )
    return _number(1, 8) + _block(7, graph) + _block(8, _text(1, "") + _number(2, 13))


def _node(kind: str, inputs: list[str], output: str, **attributes: int) -> bytes:
    named = (_text(1, key) + _number(3, value) + _number(20, _INT) for key, value in attributes.items())
    return b"".join(
        [
            *(_text(1, name) for name in inputs),
            _text(2, output),
            _text(4, kind),
            *(_block(5, a) for a in named),
        ]
    )


def _float(name: str, value: float) -> bytes:
    return _number(2, _FLOAT) + _text(8, name) + _block(9, struct.pack("<f", value))


def _integers(name: str, dimensions: list[int], values: list[int]) -> bytes:
    sizes = b"".join(_number(1, size) for size in dimensions)
    return sizes + _number(2, _INT64) + _text(8, name) + _block(9, struct.pack(f"<{len(values)}q", *values))


def _value(name: str, kind: int, dimensions: int) -> bytes:
    shape = b"".join(_block(1, _text(2, f"{name}{place}")) for place in range(dimensions))
    return _text(1, name) + _block(2, _block(1, _number(1, kind) + _block(2, shape)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, text: str) -> bytes:
    return _block(field, text.encode())


def _block(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
