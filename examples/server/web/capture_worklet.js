import { CaptureFrames } from './capture_frames.js';

class Capture extends AudioWorkletProcessor {
  #frames = new CaptureFrames(sampleRate);

  process([input]) {
    if (input.length === 0) return true;
    for (const frame of this.#frames.push(input[0])) this.port.postMessage(frame.buffer, [frame.buffer]);
    return true;
  }
}

registerProcessor('voicebridge-capture', Capture);
