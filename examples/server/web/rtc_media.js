// One RTCPeerConnection with its track, data channel and audio element. Connections 1 and 2 differ only in
// who answers the offer.
import { PageError } from './session_api.js';

/** Browsers call a pause of some seconds "disconnected"; most heal. */
const PATIENCE_MS = 4000;
const CHANNEL = 'oai-events';

export class RtcMedia {
  #pc = new RTCPeerConnection();
  #audio = document.createElement('audio');
  #patience = 0;
  #closed = false;
  #connected = false;

  /** `handlers`: `track(stream)`, `message(object)`, `unstable()`, `stable()`, `lost()`. */
  constructor(stream, handlers) {
    this.handlers = handlers;
    this.channel = this.#pc.createDataChannel(CHANNEL);
    this.#pc.addTrack(stream.getAudioTracks()[0], stream);
    this.#audio.autoplay = true;
    this.#pc.ontrack = ({ track, streams }) => {
      const remote = streams[0] ?? new MediaStream([track]);
      this.#audio.srcObject = remote;
      // With a live microphone or after a click it may play; if not, the text still comes.
      this.#audio.play().catch(() => {});
      handlers.track(remote);
    };
    this.channel.onmessage = ({ data }) => this.#message(data);
  }

  #message(data) {
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    this.handlers.message?.(event);
  }

  async offer() {
    await this.#pc.setLocalDescription();
    return this.#pc.localDescription.sdp;
  }

  /** Resolves when audio and channel are open; rejects with `udp_blocked` when they cannot be. */
  async connect(answer, signal) {
    await this.#pc.setRemoteDescription({ type: 'answer', sdp: answer });
    await new Promise((resolve, reject) => {
      const fail = () => reject(new PageError('udp_blocked', { next: true }));
      const look = () => {
        if (this.#pc.connectionState === 'connected' && this.channel.readyState === 'open') resolve();
        else if (['failed', 'closed'].includes(this.#pc.connectionState)) fail();
        else if (this.#cannotReachAnything()) fail();
      };
      this.#pc.onconnectionstatechange = look;
      this.#pc.onicegatheringstatechange = look;
      this.channel.onopen = look;
      this.channel.onerror = fail;
      signal.addEventListener('abort', fail, { once: true });
      look();
    });
    this.#connected = true;
    this.#follow();
  }

  /** A browser that may not use UDP gathers nothing, and then waits for ever. */
  #cannotReachAnything() {
    if (this.#pc.iceGatheringState !== 'complete') return false;
    return !/^a=candidate/m.test(this.#pc.localDescription?.sdp ?? '');
  }

  #follow() {
    this.#pc.onicegatheringstatechange = null;
    this.#pc.onconnectionstatechange = () => {
      const state = this.#pc.connectionState;
      clearTimeout(this.#patience);
      if (state === 'connected') this.handlers.stable();
      if (state === 'failed' || state === 'closed') this.#lose();
      if (state === 'disconnected') {
        this.handlers.unstable();
        this.#patience = setTimeout(() => this.#lose(), PATIENCE_MS);
      }
    };
    this.channel.onclose = () => this.#lose();
    this.channel.onerror = null;
  }

  #lose() {
    if (this.#closed || !this.#connected) return;
    this.#connected = false;
    this.handlers.lost();
  }

  send(event) {
    if (this.channel.readyState === 'open') this.channel.send(JSON.stringify(event));
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#patience);
    this.channel.onmessage = this.channel.onclose = this.channel.onerror = this.channel.onopen = null;
    this.channel.close();
    this.#pc.ontrack = this.#pc.onconnectionstatechange = this.#pc.onicegatheringstatechange = null;
    for (const receiver of this.#pc.getReceivers()) receiver.track.stop();
    this.#pc.close();
    this.#audio.pause();
    this.#audio.srcObject = null;
  }
}
