// What is still to be played, counted in samples, so that an interruption cuts exactly where the visitor's
// ear was. Runs in the audio thread; pure, so that it is tested without one.

/** Five minutes at 24 kHz: the server may send faster than real time, but not without end. */
const MAX_QUEUED = 24000 * 300;

export class PlaybackQueue {
  #chunks = [];
  #offset = 0; // Into the first chunk.
  #queued = 0;
  #marks = []; // {name, at}: when `#played` reaches `at`, all before the mark has been heard.
  #played = 0;
  #flowing = false;
  #prebuffer;

  /** `prebuffer`: samples to hold before starting, against the jitter of the network. */
  constructor({ prebuffer = 1440 } = {}) {
    this.#prebuffer = prebuffer;
    this.overflow = 0; // Samples thrown away because the queue was full.
    this.underruns = 0; // Times it ran dry in mid-flow, without a mark having told the end.
  }

  get played() {
    return this.#played;
  }

  get queued() {
    return this.#queued;
  }

  push(samples) {
    const room = MAX_QUEUED - this.#queued;
    if (samples.length > room) {
      this.overflow += samples.length - room;
      samples = samples.subarray(0, room);
    }
    if (samples.length === 0) return;
    this.#chunks.push(samples);
    this.#queued += samples.length;
  }

  /** Returns the names that are reached at once: all, when nothing is queued. */
  mark(name) {
    this.#marks.push({ name, at: this.#played + this.#queued });
    return this.#reached();
  }

  /** Forgets what was not played; returns the names of the marks that will never be reached. */
  clear() {
    const dropped = this.#marks.map((mark) => mark.name);
    this.#chunks = [];
    this.#offset = 0;
    this.#queued = 0;
    this.#marks = [];
    this.#flowing = false;
    return dropped;
  }

  /** Fills `out` (floats of -1 to 1) and returns the names of the marks that were passed. */
  read(out) {
    // A mark says that no more is coming soon: then there is nothing to wait for.
    if (!this.#flowing && (this.#queued >= this.#prebuffer || this.#marks.length > 0)) this.#flowing = this.#queued > 0;
    let filled = 0;
    while (this.#flowing && filled < out.length && this.#chunks.length > 0) filled = this.#copy(out, filled);
    out.fill(0, filled);
    if (this.#flowing && this.#queued === 0) {
      if (filled < out.length && this.#marks.length === 0) this.underruns += 1;
      this.#flowing = false;
    }
    return this.#reached();
  }

  #copy(out, filled) {
    const chunk = this.#chunks[0];
    const count = Math.min(out.length - filled, chunk.length - this.#offset);
    for (let i = 0; i < count; i += 1) out[filled + i] = chunk[this.#offset + i] / 32768;
    this.#offset += count;
    this.#queued -= count;
    this.#played += count;
    if (this.#offset === chunk.length) {
      this.#chunks.shift();
      this.#offset = 0;
    }
    return filled + count;
  }

  #reached() {
    const names = [];
    while (this.#marks.length > 0 && this.#marks[0].at <= this.#played) names.push(this.#marks.shift().name);
    return names;
  }
}
