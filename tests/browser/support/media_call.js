// One WebRTC call at the stand-in for OpenAI: joins the browser's media, its data channel and the sidebands to a
// session of voicebridge-sim, and does what the service does for such calls: it owns the play-out buffer.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { OpusPeer, rms } from './opus_peer.js';

const PIECE = 960; // 40 ms at 24 kHz

const FRAME = 960; // 20 ms at 48 kHz

/** Play-out of the model's audio, item by item, in frames for Opus. */
class PlayoutBuffer {
  #queue = []; // {response, item, samples at 48 kHz}
  #offset = 0;
  item = null;
  response = null;
  playedMs = 0; // Of `item`.

  push(response, item, pcm24) {
    const samples = new Int16Array(pcm24.length * 2);
    for (let i = 0; i < pcm24.length; i += 1) {
      samples[2 * i] = pcm24[i];
      samples[2 * i + 1] = (pcm24[i] + (pcm24[i + 1] ?? pcm24[i])) / 2;
    }
    this.#queue.push({ response, item, samples });
  }

  get empty() {
    return this.#queue.length === 0;
  }

  clear() {
    this.#queue = [];
    this.#offset = 0;
  }

  /** 20 ms, or null when there is nothing. */
  frame() {
    if (this.empty) return null;
    const out = new Int16Array(FRAME);
    let filled = 0;
    while (filled < FRAME && !this.empty) {
      const head = this.#queue[0];
      if (head.item !== this.item) {
        this.item = head.item;
        this.playedMs = 0;
      }
      this.response = head.response;
      const part = head.samples.subarray(this.#offset, this.#offset + FRAME - filled);
      out.set(part, filled);
      filled += part.length;
      this.#offset += part.length;
      this.playedMs += part.length / 48;
      if (this.#offset === head.samples.length) {
        this.#queue.shift();
        this.#offset = 0;
      }
    }
    return out;
  }
}

export class MediaCall {
  #session;
  #socket;
  #sidebands = new Set();
  #created = null;
  #playout = new PlayoutBuffer();
  #audible = false;
  #doneResponses = new Set();
  #microphone = [];
  #closed = false;
  #early = [];

  constructor({ id, session, url, key }) {
    this.id = id;
    this.#session = session;
    // What was seen, for assertions: events of the model, and those that the browser's channel sent.
    this.events = [];
    this.fromPage = [];
    this.spoken = { frames: 0, loudest: 0 };
    this.#socket = new WebSocket(`${url}?model=${session.model ?? 'gpt-realtime-2.1'}`, {
      headers: { Authorization: `Bearer ${key}` },
      perMessageDeflate: false,
    });
    this.peer = new OpusPeer({
      microphone: (samples) => this.#hear(samples),
      open: () => this.#greet(),
      message: (text) => this.#fromClient(text, true),
      closed: () => this.hangUp(),
      frame: () => this.#frame(),
    });
  }

  get heard() {
    return this.peer.heard;
  }

  get ended() {
    return this.#closed;
  }

  async answer(sdp) {
    this.#socket.on('message', (data) => this.#fromModel(JSON.parse(data)));
    this.#socket.on('close', () => this.hangUp());
    await once(this.#socket, 'open');
    const session = structuredClone(this.#session);
    delete session.model;
    // The wire here is a socket: whatever was asked for, it carries this.
    session.audio = {
      ...session.audio,
      input: { ...session.audio?.input, format: { type: 'audio/pcm', rate: 24000 } },
      output: { ...session.audio?.output, format: { type: 'audio/pcm', rate: 24000 } },
    };
    this.#socket.send(JSON.stringify({ type: 'session.update', session }));
    await new Promise((resolve) => {
      this.#configured = resolve;
    });
    return this.peer.answer(sdp);
  }
  #configured = null;

  #greet() {
    this.peer.send(JSON.stringify(this.#created));
    for (const text of this.#early.splice(0)) this.peer.send(text);
  }

  attach(sideband) {
    if (this.#closed) return sideband.close(1000);
    this.#sidebands.add(sideband);
    sideband.on('message', (data) => this.#fromClient(String(data), false));
    sideband.on('close', () => this.#sidebands.delete(sideband));
    sideband.send(JSON.stringify(this.#created));
    return undefined;
  }

  #broadcast(event) {
    this.events.push(event.type);
    const text = JSON.stringify(event);
    for (const sideband of this.#sidebands) sideband.send(text);
    if (this.peer.open) this.peer.send(text);
    else if (this.#early.length < 100) this.#early.push(text);
  }

  #fromClient(text, fromPage) {
    const event = JSON.parse(text);
    if (fromPage) this.fromPage.push(event);
    if (event.type === 'output_audio_buffer.clear') return this.#cut();
    // The audio is the call's: the service truncates by itself, and takes none over its events.
    if (event.type === 'conversation.item.truncate' || event.type === 'input_audio_buffer.append') return undefined;
    if (event.type === 'session.update')
      (delete event.session.audio?.input?.format, delete event.session.audio?.output?.format);
    if (this.#socket.readyState === 1) this.#socket.send(JSON.stringify(event));
    return undefined;
  }

  #fromModel(event) {
    if (event.type === 'session.created') {
      this.#created = event;
      return;
    }
    if (this.#configured && event.type === 'session.updated') {
      this.#created = { ...this.#created, session: event.session };
      this.#configured();
      this.#configured = null;
      return;
    }
    if (event.type === 'response.output_audio.delta') {
      const bytes = Buffer.from(event.delta, 'base64');
      this.#playout.push(
        event.response_id,
        event.item_id,
        new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
      );
      return;
    }
    if (event.type === 'response.done') this.#doneResponses.add(event.response.id);
    this.#broadcast(event);
    if (event.type === 'input_audio_buffer.speech_started') this.#cut();
    this.#stopWhenDrained();
  }

  /** Barge-in: the service forgets what was not heard, and says so. */
  #cut() {
    if (!this.#audible) return;
    this.#playout.clear();
    this.#audible = false;
    this.#broadcast({
      type: 'output_audio_buffer.cleared',
      event_id: 'event_cleared',
      response_id: this.#playout.response,
    });
    const heard = Math.floor(this.#playout.playedMs);
    if (heard > 0) {
      this.#socket.send(
        JSON.stringify({
          type: 'conversation.item.truncate',
          item_id: this.#playout.item,
          content_index: 0,
          audio_end_ms: heard,
        }),
      );
    }
  }

  #frame() {
    const samples = this.#playout.frame();
    if (!samples) {
      this.#stopWhenDrained();
      return undefined;
    }
    this.spoken.frames += 1;
    this.spoken.loudest = Math.max(this.spoken.loudest, rms(samples));
    if (!this.#audible) {
      this.#audible = true;
      this.#broadcast({
        type: 'output_audio_buffer.started',
        event_id: 'event_started',
        response_id: this.#playout.response,
      });
    }
    return samples;
  }

  #stopWhenDrained() {
    if (!this.#audible || !this.#playout.empty || !this.#doneResponses.has(this.#playout.response)) return;
    this.#audible = false;
    this.#broadcast({
      type: 'output_audio_buffer.stopped',
      event_id: 'event_stopped',
      response_id: this.#playout.response,
    });
  }

  #hear(samples) {
    for (let i = 0; i + 1 < samples.length; i += 2) this.#microphone.push((samples[i] + samples[i + 1]) / 2);
    while (this.#microphone.length >= PIECE) {
      const piece = Int16Array.from(this.#microphone.splice(0, PIECE));
      if (this.#socket.readyState !== 1) return;
      this.#socket.send(
        JSON.stringify({ type: 'input_audio_buffer.append', audio: Buffer.from(piece.buffer).toString('base64') }),
      );
    }
  }

  async hangUp() {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    for (const sideband of this.#sidebands) sideband.close(1000);
    await this.peer.close();
  }
}
