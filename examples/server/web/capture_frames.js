// Cuts what the microphone gives into frames of PCM16 at 24 kHz. Pure; runs in the audio thread.

export const FRAME_SAMPLES = 960; // 40 ms
const RATE = 24000;

export class CaptureFrames {
  #frame = new Int16Array(FRAME_SAMPLES);
  #filled = 0;
  #step;
  #position = 0; // Of the next output sample, in input samples from the start of the coming block.
  #last = 0; // The sample before the block.
  #low = 0;
  #smoothing;

  /** `inputRate`: that of the context; browsers that cannot resample a microphone give their own. */
  constructor(inputRate) {
    this.#step = inputRate / RATE;
    // One pole at 10 kHz before samples are left out: speech has little above, and aliases would be heard.
    this.#smoothing = this.#step > 1 ? 1 - Math.exp((-2 * Math.PI * 10000) / inputRate) : 1;
  }

  /** Returns the frames that became whole. */
  push(block) {
    const frames = [];
    if (this.#step === 1) {
      for (const sample of block) this.#put(sample, frames);
      return frames;
    }
    const input = this.#smoothed(block);
    while (this.#position < input.length) {
      const index = Math.floor(this.#position);
      const before = index === 0 ? this.#last : input[index - 1];
      this.#put(before + (input[index] - before) * (this.#position - index), frames);
      this.#position += this.#step;
    }
    this.#position -= input.length;
    if (input.length > 0) this.#last = input[input.length - 1];
    return frames;
  }

  #smoothed(block) {
    return Float32Array.from(block, (sample) => {
      this.#low += this.#smoothing * (sample - this.#low);
      return this.#low;
    });
  }

  #put(sample, frames) {
    const clipped = Math.max(-1, Math.min(1, sample));
    this.#frame[this.#filled] = Math.round(clipped * 32767);
    this.#filled += 1;
    if (this.#filled < FRAME_SAMPLES) return;
    frames.push(this.#frame);
    this.#frame = new Int16Array(FRAME_SAMPLES);
    this.#filled = 0;
  }
}
