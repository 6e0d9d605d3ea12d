// Connection 3: audio and events over one WebSocket, for networks without UDP.
import { EventLink } from './events.js';
import { endSession, PageError, socketUrl, startSession, until } from './session_api.js';

/** Microphone audio that the network does not take is dropped: late speech confuses more than a gap. */
const MAX_UNSENT_BYTES = 96000; // 2 s
const DRAIN_MS = 8000;

class Player {
  #node;
  #link;
  #idle = null;

  constructor(node, link) {
    this.#node = node;
    this.#link = link;
    node.port.onmessage = ({ data }) => this.#report(data);
  }

  #report(message) {
    if (message.type === 'played') {
      const played = { type: 'played', name: message.name };
      this.#link.send(message.dropped ? { ...played, dropped: true } : played);
    } else if (message.type === 'position') {
      this.#link.send({ type: 'position', played_samples: message.played });
    } else if (message.type === 'idle' && message.queued === 0) {
      this.#idle?.();
    }
  }

  audio(buffer) {
    this.#node.port.postMessage({ type: 'audio', samples: buffer }, [buffer]);
  }

  take(event) {
    if (event.type === 'mark') this.#node.port.postMessage({ type: 'mark', name: event.name });
    if (event.type === 'clear') this.#node.port.postMessage({ type: 'clear' });
  }

  /** Resolves when all that came has been heard: a goodbye is not cut off by the end of the talk. */
  drained() {
    return new Promise((resolve) => {
      const ask = setInterval(() => this.#node.port.postMessage({ type: 'idle?' }), 50);
      const limit = setTimeout(() => this.#idle(), DRAIN_MS);
      this.#idle = () => {
        clearInterval(ask);
        clearTimeout(limit);
        this.#idle = null;
        resolve();
      };
    });
  }
}

export async function openWebSocket({ stream, stage, handlers, agent, language, signal }) {
  const session = await startSession('websocket', { agent, language, signal });
  let player = null;
  let ready = null;
  const link = new EventLink({
    url: socketUrl(session.stream_url),
    resumeUrl: socketUrl('/api/web/events'),
    resumable: false,
    session,
    handlers: {
      ...handlers.link,
      binary: (buffer) => player?.audio(buffer),
      event: (event) => {
        if (event.type === 'ready') ready?.();
        else if (event.type === 'mark' || event.type === 'clear') player?.take(event);
        else handlers.link.event(event);
      },
    },
  });
  try {
    player = new Player(await until(signal, stage.player()), link);
    const isReady = new Promise((resolve) => {
      ready = resolve;
    });
    await Promise.all([link.open(signal), until(signal, isReady)]);
    const recording = stage.record(stream, (frame) => {
      if (link.bufferedAmount < MAX_UNSENT_BYTES) link.sendBinary(frame);
    });
    await until(signal, recording);
  } catch (error) {
    link.close();
    endSession(session);
    throw error instanceof PageError ? error : new PageError('server_down', { message: String(error), next: true });
  }
  return {
    name: 'websocket',
    session,
    link,
    sendText: (text) => link.send({ type: 'text', text }),
    noteLead: () => {},
    drained: () => player.drained(),
    closeMedia: () => {}, // The stage, which holds the worklets, closes after this.
  };
}
