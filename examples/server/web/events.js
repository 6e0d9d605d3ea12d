// The server's events over a WebSocket: in order, each once, going on after the socket was lost.

/** Which events are new. Pure. */
export class EventCursor {
  after = 0;

  /** False: seen before, as happens when the server replays. */
  accept(event) {
    if (typeof event.seq !== 'number') return true;
    if (event.seq <= this.after) return false;
    this.after = event.seq;
    return true;
  }
}

/** Milliseconds before try number `attempt` (0 first); null: enough. */
export function retryDelay(attempt) {
  return attempt < 7 ? Math.min(250 * 2 ** attempt, 5000) : null;
}

export const CLOSE_UNAUTHORIZED = 4401;
const PING_MS = 15000;
const SILENCE_MS = 40000;

/**
 * One session's events. `handlers`: `event(object)`, `binary(ArrayBuffer)`, `lost(code)` (once, for good;
 * `'expired'` or `'server_down'`), `unstable()` and `stable()` around a loss that heals.
 */
export class EventLink {
  #session;
  #handlers;
  #url;
  #resumable;
  #cursor = new EventCursor();
  #socket = null;
  #attempt = 0;
  #finished = false;
  #timers = new Set();
  #heard = 0;
  #outbox = [];

  /** `resumable` false: the socket carries audio, and its loss is the loss of the talk. */
  constructor({ url, resumeUrl = url, session, handlers, resumable = true, Socket = WebSocket }) {
    this.#url = url;
    this.resumeUrl = resumeUrl;
    this.#session = session;
    this.#handlers = handlers;
    this.#resumable = resumable;
    this.Socket = Socket;
  }

  /** Resolves when the server said hello; rejects when the first socket closes before. */
  open(signal) {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      signal?.addEventListener('abort', () => this.close(), { once: true });
      this.#dial(this.#url);
    });
  }
  #first = null;

  /** After the talk the audio is over, but the phone call's events go on: from now on a loss heals. */
  becomeResumable() {
    this.#resumable = true;
  }

  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(message) {
    const text = JSON.stringify(message);
    if (this.#greeted) this.#socket.send(text);
    else if (this.#outbox.length < 200) this.#outbox.push(text);
  }

  sendBinary(buffer) {
    if (this.#greeted) this.#socket.send(buffer);
  }

  get #greeted() {
    return this.#socket?.readyState === 1 && this.#socket.greeted === true;
  }

  close() {
    this.#finished = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close(1000);
    }
    this.#first?.reject(new Error('closed'));
    this.#first = null;
  }

  #later(milliseconds, action) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, milliseconds);
    this.#timers.add(timer);
  }

  #dial(url) {
    const socket = new this.Socket(url);
    socket.binaryType = 'arraybuffer';
    socket.greeted = false;
    this.#socket = socket;
    socket.onopen = () => {
      const { id, token } = this.#session;
      socket.send(JSON.stringify({ type: 'hello', session_id: id, token, after: this.#cursor.after }));
    };
    socket.onmessage = ({ data }) => this.#take(socket, data);
    socket.onclose = ({ code }) => this.#closed(code);
  }

  #take(socket, data) {
    this.#heard = Date.now();
    if (typeof data !== 'string') {
      this.#handlers.binary?.(data);
      return;
    }
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return; // Not ours; the next one may be.
    }
    if (event.type === 'hello') this.#greet(socket);
    if (!this.#cursor.accept(event)) return;
    if (event.type === 'bye') {
      this.#finished = true;
    }
    this.#handlers.event(event);
  }

  #greet(socket) {
    socket.greeted = true;
    for (const text of this.#outbox.splice(0)) socket.send(text);
    if (this.#attempt > 0) this.#handlers.stable?.();
    this.#attempt = 0;
    this.#first?.resolve();
    this.#first = null;
    this.#keepAlive(socket);
  }

  #keepAlive(socket) {
    this.#later(PING_MS, () => {
      if (socket !== this.#socket) return;
      if (Date.now() - this.#heard > SILENCE_MS) socket.close();
      else if (socket.readyState === 1) socket.send('{"type":"ping"}');
      this.#keepAlive(socket);
    });
  }

  #closed(code) {
    if (this.#finished) return;
    this.#socket = null;
    if (code === CLOSE_UNAUTHORIZED) return this.#lose('expired');
    const delay = retryDelay(this.#attempt);
    if (this.#first || !this.#resumable || delay === null) return this.#lose('server_down');
    if (this.#attempt === 0) this.#handlers.unstable?.();
    this.#attempt += 1;
    this.#later(delay, () => this.#dial(this.resumeUrl));
  }

  #lose(code) {
    this.#finished = true;
    const first = this.#first;
    this.#first = null;
    if (first) first.reject(new Error(code));
    else this.#handlers.lost(code);
  }
}
