/* Cuts what comes from the microphone into pieces of one length: 48 kHz, mono, 16 bit. */
"use strict";
class Pieces extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate, frames } }) {
    super();
    this.step = sampleRate / rate;
    this.frames = frames;
    this.at = 0;
    this.before = 0;
    this.begin();
  }

  begin() {
    this.piece = new Int16Array(this.frames);
    this.filled = 0;
  }

  put(value) {
    this.piece[this.filled++] = Math.max(-1, Math.min(1, value)) * 32767;
    if (this.filled < this.frames) return;
    this.port.postMessage(this.piece.buffer, [this.piece.buffer]);
    this.begin();
  }

  process([[samples]]) {
    if (!samples) return true;
    for (const value of samples) {
      for (; this.at < 1; this.at += this.step) this.put(this.before + (value - this.before) * this.at);
      this.at -= 1;
      this.before = value;
    }
    return true;
  }
}
registerProcessor("pieces", Pieces);
