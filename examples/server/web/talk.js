// One talk from the click to the end: opens the microphone, picks a connection, follows it, and cleans up.
// It reports by events only; what they mean is state.js's, what they look like the views'.
import { AudioStage } from './audio_stage.js';
import { openMicrophone, stopStream } from './microphone.js';
import { endSession, endSessionByBeacon, PageError } from './session_api.js';
import { openWebRtc } from './transport_webrtc.js';
import { openWebSocket } from './transport_websocket.js';

export const TRANSPORTS = ['webrtc', 'ephemeral', 'websocket'];
const OPENERS = {
  webrtc: openWebRtc,
  // Seldom needed, and a tenth of the page's own weight.
  ephemeral: async (attempt) => (await import('./transport_ephemeral.js')).openEphemeral(attempt),
  websocket: openWebSocket,
};

export const CONNECT_MS = 15000;
/** Not the last hope: leaves time for the others. */
const TRY_MS = 8000;
/** The end of the media is often seen before the event that explains it. */
const EXPLAIN_MS = 1500;
const GOODBYE_MS = 3000;

/** Which connections are tried, in order: `wanted` alone if there is one. Pure. */
export function transportOrder(wanted, offered = TRANSPORTS, canRtc = true) {
  if (TRANSPORTS.includes(wanted)) return [wanted];
  const order = TRANSPORTS.filter((name) => offered.includes(name) && (canRtc || name === 'websocket'));
  return order.length > 0 ? order : ['websocket'];
}

/** What follows when `name` failed: where UDP is blocked, the other WebRTC is too. Pure. */
export function remainingTransports(order, name, error) {
  if (!error.next) return [];
  const rest = order.slice(order.indexOf(name) + 1);
  return error.code === 'udp_blocked' ? rest.filter((other) => other === 'websocket') : rest;
}

export class Talk {
  #emit;
  #options;
  #abort = new AbortController();
  #stage = null;
  #stream = null;
  #connection = null;
  #reconnected = false;
  #over = false; // The talk; its link may go on for the phone call.
  #explain = 0;
  #muted = false;

  /** `options`: {order, agent, language}. `emit(event)` gets local events and those of the server. */
  constructor(options, emit) {
    this.#options = options;
    this.#emit = emit;
  }

  async start({ microphone }) {
    try {
      this.#stage = new AudioStage();
      const resumed = this.#stage.resume();
      this.#stream = microphone ? await openMicrophone() : this.#stage.silence();
      if (this.#over) return this.#closeMedia(); // Hung up while the browser was asking.
      await resumed;
      this.#stage.watch('visitor', this.#stream);
      for (const track of this.#stream.getTracks()) track.onended = () => this.#microphoneGone();
      await this.#connect();
    } catch (error) {
      this.#fail(error);
    }
  }

  #microphoneGone() {
    if (!this.#over) this.#emit({ type: 'notice', code: 'mic_gone' });
  }

  async #connect() {
    const until = Date.now() + CONNECT_MS;
    let order = this.#options.order;
    while (order.length > 0) {
      const name = order[0];
      this.#emit({ type: 'trying', transport: name });
      const left = until - Date.now();
      try {
        return this.#established(await this.#open(name, order.length > 1 ? Math.min(TRY_MS, left) : left));
      } catch (error) {
        if (this.#over) return undefined;
        const cause =
          error instanceof PageError ? error : new PageError('server_down', { message: String(error), next: true });
        order = remainingTransports(order, name, cause);
        if (order.length === 0 || Date.now() >= until) throw cause;
      }
    }
    return undefined;
  }

  async #open(name, milliseconds) {
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    const timer = setTimeout(stop, Math.max(0, milliseconds));
    this.#abort.signal.addEventListener('abort', stop, { once: true });
    try {
      return await OPENERS[name]({
        stream: this.#stream,
        stage: this.#stage,
        agent: this.#options.agent,
        language: this.#options.language,
        signal: attempt.signal,
        handlers: this.#handlers(attempt),
      });
    } finally {
      clearTimeout(timer);
      this.#abort.signal.removeEventListener('abort', stop);
    }
  }

  /** Bound to one attempt: what an abandoned connection still says is not heard. */
  #handlers(attempt) {
    const alive = () => !attempt.signal.aborted;
    const when =
      (action) =>
      (...args) => {
        if (alive()) action(...args);
      };
    return {
      lost: when(() => this.#mediaLost()),
      unstable: when(() => this.#emit({ type: 'unstable' })),
      stable: when(() => this.#emit({ type: 'stable' })),
      agentEnded: when(() => this.hangUp('agent')),
      link: {
        event: when((event) => this.#onEvent(event)),
        lost: when((code) => this.#linkLost(code)),
        unstable: when(() => this.#emit({ type: 'unstable' })),
        stable: when(() => this.#emit({ type: 'stable' })),
      },
    };
  }

  #established(connection) {
    this.#connection = connection;
    if (this.#over) return this.dispose({ end: true }); // Hung up in the last moment.
    this.setMuted(this.#muted);
    this.#emit({ type: 'connected', transport: connection.name });
    return undefined;
  }

  #onEvent(event) {
    this.#emit(event);
    if (event.type === 'state' && event.state === 'ended') this.#talkEnded();
    if (event.type === 'error' && event.fatal) this.#fail(new PageError('talk_failed', { message: event.message }));
    if (event.type === 'bye') this.#closeAll();
  }

  /** The server says that the talk is over; what is queued is still heard, and the link stays for the call. */
  async #talkEnded() {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#explain);
    this.#connection?.link.becomeResumable();
    await this.#connection?.drained();
    this.#closeMedia();
  }

  #mediaLost() {
    if (this.#over || this.#explain) return;
    this.#explain = setTimeout(() => {
      this.#explain = 0;
      if (!this.#over) this.#reconnect();
    }, EXPLAIN_MS);
  }

  #linkLost(code) {
    if (this.#over) {
      this.#closeAll();
      this.#emit({ type: 'link_lost' });
    } else if (code === 'expired') {
      this.#fail(new PageError('expired'));
    } else {
      this.#reconnect();
    }
  }

  /** Once: whoever loses two connections in one talk has a network that a third does not mend. */
  async #reconnect() {
    const old = this.#connection;
    if (!old) return; // Still connecting: that has its own fallback.
    this.#connection = null;
    old.closeMedia();
    old.link.close();
    endSession(old.session);
    if (this.#reconnected) return this.#fail(new PageError('lost'));
    this.#reconnected = true;
    this.#emit({ type: 'reconnecting' });
    try {
      await this.#connect();
    } catch (error) {
      this.#fail(error.code === 'server_down' ? error : new PageError('lost', { message: error.message }));
    }
    return undefined;
  }

  get connected() {
    return this.#connection !== null && !this.#over;
  }

  level(who) {
    return this.#stage?.level(who) ?? 0;
  }

  setMuted(muted) {
    this.#muted = muted;
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  sendText(text) {
    if (this.connected) this.#connection.sendText(text);
  }

  /** After the talk too: the number may be corrected while the phone rings. */
  sendLead(lead) {
    this.#connection?.link.send({ type: 'lead', ...lead });
    if (this.connected) this.#connection.noteLead(lead);
  }

  requestCall() {
    this.#connection?.link.send({ type: 'call' });
  }

  hangUp(reason = 'hangup') {
    if (this.#over) return;
    this.#over = true;
    this.#emit({ type: 'hung_up', reason });
    this.#abort.abort(); // An attempt that is under way ends its own session.
    const connection = this.#connection;
    this.#closeMedia();
    if (!connection) return;
    connection.link.becomeResumable();
    connection.link.send({ type: 'end' });
    this.#goodbye = setTimeout(() => endSession(connection.session), GOODBYE_MS); // Unless it says bye.
  }
  #goodbye = 0;

  /** The page goes away: nothing may wait for an answer. */
  leave() {
    if (this.#connection) endSessionByBeacon(this.#connection.session);
    this.#over = true;
    this.#abort.abort();
    this.#closeAll();
  }

  /** The page is seen again: some browsers suspend sound meanwhile. */
  wake() {
    this.#stage?.resume();
  }

  /** Before a new talk: nothing of the old one may be heard any more. `end`: of the server's session too. */
  dispose({ end = false } = {}) {
    if (end && this.#connection) endSession(this.#connection.session);
    this.#over = true;
    this.#abort.abort();
    this.#closeAll();
  }

  #fail(error) {
    if (this.#over) return;
    this.#over = true;
    const cause = error instanceof PageError ? error : new PageError('talk_failed', { message: String(error) });
    this.#emit({ type: 'failed', error: { code: cause.code, retryAfter: cause.retryAfter } });
    if (this.#connection) endSession(this.#connection.session);
    this.#abort.abort();
    this.#closeAll();
  }

  #closeMedia() {
    clearTimeout(this.#explain);
    this.#connection?.closeMedia();
    for (const track of this.#stream?.getTracks() ?? []) track.onended = null;
    stopStream(this.#stream);
    this.#stream = null;
    this.#stage?.close();
    this.#stage = null;
  }

  #closeAll() {
    clearTimeout(this.#goodbye);
    this.#closeMedia();
    this.#connection?.link.close();
    this.#over = true;
  }
}
