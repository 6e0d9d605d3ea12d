// The page's AudioContext: what measures both voices, and what plays and records over connection 3.

const RATE = 24000;
const RESUME_MS = 2000;

/** A level of 0 to 1 from samples: -55 dB and less is 0, -10 dB and more is 1. Pure. */
export function levelOf(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  const decibels = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.max(0, Math.min(1, (decibels + 55) / 45));
}

export class AudioStage {
  #context = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' });
  #captureContext = null;
  #nodes = [];
  #meters = new Map();
  #samples = new Float32Array(1024);

  get context() {
    return this.#context;
  }

  /** Within the click that started the talk, where browsers allow sound. A slow device holds nothing up. */
  async resume() {
    if (this.#context.state !== 'suspended') return;
    await Promise.race([this.#context.resume(), new Promise((resolve) => setTimeout(resolve, RESUME_MS))]);
  }

  /** A microphone for those who have none: silence, so that the model hears a quiet room and not a dead line. */
  silence() {
    const destination = this.#context.createMediaStreamDestination();
    this.#nodes.push(destination);
    return destination.stream;
  }

  #meter(who) {
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 1024;
    this.#meters.set(who, analyser);
    this.#nodes.push(analyser);
    return analyser;
  }

  /** `who`: "visitor" or "agent". */
  watch(who, stream) {
    try {
      const source = this.#context.createMediaStreamSource(stream);
      source.connect(this.#meter(who));
      this.#nodes.push(source);
    } catch {
      // Firefox refuses a stream of another rate: the talk goes on without that meter.
    }
  }

  level(who) {
    const analyser = this.#meters.get(who);
    if (!analyser) return 0;
    analyser.getFloatTimeDomainData(this.#samples);
    return levelOf(this.#samples);
  }

  /** Plays PCM16 at 24 kHz; returns the node, whose port speaks as playback_worklet.js says. */
  async player() {
    await this.#context.audioWorklet.addModule(new URL('playback_worklet.js', import.meta.url));
    const node = new AudioWorkletNode(this.#context, 'voicebridge-playback', {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    node.connect(this.#meter('agent'));
    node.connect(this.#context.destination);
    this.#nodes.push(node);
    return node;
  }

  /** Calls `onFrame(ArrayBuffer)` with 40 ms of the stream each. */
  async record(stream, onFrame) {
    const { context, source } = this.#recordingSource(stream);
    await context.audioWorklet.addModule(new URL('capture_worklet.js', import.meta.url));
    const node = new AudioWorkletNode(context, 'voicebridge-capture', {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    node.port.onmessage = ({ data }) => onFrame(data);
    source.connect(node);
    this.#nodes.push(source, node);
  }

  #recordingSource(stream) {
    try {
      return { context: this.#context, source: this.#context.createMediaStreamSource(stream) };
    } catch {
      // Firefox records at the device's rate only; the worklet then brings it to 24 kHz.
      this.#captureContext = new AudioContext();
      return { context: this.#captureContext, source: this.#captureContext.createMediaStreamSource(stream) };
    }
  }

  close() {
    for (const node of this.#nodes) {
      if (node.port) node.port.onmessage = null;
      node.disconnect();
    }
    this.#nodes = [];
    this.#meters.clear();
    if (this.#context.state !== 'closed') this.#context.close();
    if (this.#captureContext && this.#captureContext.state !== 'closed') this.#captureContext.close();
  }
}
