import { PlaybackQueue } from './playback_queue.js';

/** How often the page is told where the visitor's ear is. */
const REPORT_MS = 200;

class Playback extends AudioWorkletProcessor {
  #queue = new PlaybackQueue();
  #reported = 0;
  #sinceReport = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => this.#take(data);
  }

  #take(message) {
    if (message.type === 'audio') {
      this.#queue.push(new Int16Array(message.samples));
    } else if (message.type === 'mark') {
      this.#tell(this.#queue.mark(message.name), false);
    } else if (message.type === 'clear') {
      const dropped = this.#queue.clear();
      this.port.postMessage({ type: 'position', played: this.#queue.played });
      this.#tell(dropped, true);
    } else if (message.type === 'idle?') {
      this.port.postMessage({ type: 'idle', queued: this.#queue.queued });
    }
  }

  #tell(names, dropped) {
    for (const name of names) this.port.postMessage({ type: 'played', name, dropped });
  }

  process(_inputs, [output]) {
    this.#tell(this.#queue.read(output[0]), false);
    for (let channel = 1; channel < output.length; channel += 1) output[channel].set(output[0]);
    this.#sinceReport += output[0].length;
    if (this.#sinceReport >= (sampleRate * REPORT_MS) / 1000) {
      this.#sinceReport = 0;
      if (this.#queue.played !== this.#reported) {
        this.#reported = this.#queue.played;
        this.port.postMessage({ type: 'position', played: this.#reported });
      }
    }
    return true;
  }
}

registerProcessor('voicebridge-playback', Playback);
