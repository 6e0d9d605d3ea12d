// The page's server as a puppet: keeps the web contract and does nothing by itself, so that a test can make
// happen at a given moment what the real server does seldom - expiry, errors, lost sockets.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { OpusPeer, rms, toneFrames } from './opus_peer.js';

export const WEB = fileURLToPath(new URL('../../../examples/server/web', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain',
};
export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
  "connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const CONFIG = {
  name: 'Northwind Heating',
  languages: ['en', 'fr'],
  transports: ['webrtc', 'ephemeral', 'websocket'],
  default_country: 'US',
  countries: ['US', 'FR'],
  can_call: true,
  consent: {},
};

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

function fail(response, status, code, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { code, message: code } }));
}

/** One session: its events, and its peer or stream. */
class Session {
  #seq = 0;
  #journal = [];
  #frames = [];

  constructor(id, mode) {
    Object.assign(this, { id, mode, token: `token-${id}`, sockets: new Set(), received: [], ended: null, peer: null });
    this.heard = { packets: 0, loudest: 0 };
    this.played = 0;
  }

  emit(event) {
    const numbered = { ...event, seq: (this.#seq += 1) };
    this.#journal.push(numbered);
    for (const socket of this.sockets) socket.send(JSON.stringify(numbered));
    if (event.type === 'bye') for (const socket of this.sockets) socket.close(1000);
  }

  replay(socket, after) {
    for (const event of this.#journal.filter(({ seq }) => seq > after)) socket.send(JSON.stringify(event));
  }

  /** A tone in the agent's voice. */
  speak(ms) {
    for (const frame of toneFrames(ms)) {
      if (this.peer) this.#frames.push(frame);
      else for (const socket of this.sockets) socket.send(Buffer.from(frame.filter((_, i) => i % 2 === 0).buffer));
    }
  }

  frame() {
    return this.#frames.shift();
  }

  state(state, reason) {
    this.emit({ type: 'state', state, ...(reason ? { reason } : {}) });
  }
}

export class ContractServer {
  #http = createServer((request, response) => this.#serve(request, response).catch(() => response.destroy()));
  #sockets = new WebSocketServer({ noServer: true });

  constructor() {
    this.config = CONFIG;
    this.sessions = [];
    this.refuse = null; // {status, code, headers}: for POST /session
    this.requests = [];
    this.deadMedia = false; // Answers lead nowhere, as where UDP is blocked.
    this.#http.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#socket(request.url, ws));
    });
  }

  async listen(port = 0) {
    await new Promise((resolve) => this.#http.listen(port, '127.0.0.1', resolve));
    this.port = this.#http.address().port;
    this.origin = `http://127.0.0.1:${this.port}`;
    return this;
  }

  get session() {
    return this.sessions.at(-1);
  }

  async #serve(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    this.requests.push(`${request.method} ${pathname}`);
    if (request.method === 'POST' && pathname === '/session') return this.#start(request, response);
    if (request.method === 'POST') return this.#post(pathname, request, response);
    if (pathname === '/api/web/config') return this.#json(response, this.config);
    if (pathname === '/api/web/diagnostics') {
      return this.#json(response, {
        checks: [
          { id: 'openai', ok: true, ms: 12, message: 'Reached.' },
          { id: 'carrier', ok: false, ms: 3, message: 'No phone line is set up.', todo: 'Set TELNYX_API_KEY.' },
        ],
      });
    }
    return this.#file(pathname, response);
  }

  #json(response, value) {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  }

  async #file(pathname, response) {
    const path = normalize(
      join(WEB, pathname === '/' ? 'index.html' : pathname === '/favicon.ico' ? 'icon.svg' : pathname),
    );
    try {
      const data = path.startsWith(WEB) ? await readFile(path) : null;
      response.writeHead(200, {
        'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
        'Content-Security-Policy': CSP,
        'X-Content-Type-Options': 'nosniff',
      });
      response.end(data);
    } catch {
      fail(response, 404, 'not_found');
    }
  }

  async #start(request, response) {
    const body = await bodyOf(request);
    if (this.refuse) return fail(response, this.refuse.status, this.refuse.code, this.refuse.headers);
    const offer = request.headers['content-type'] === 'application/sdp';
    const session = new Session(String(this.sessions.length + 1), offer ? 'webrtc' : JSON.parse(body).mode);
    this.sessions.push(session);
    session.language = offer
      ? new URL(request.url, this.origin).searchParams.get('language')
      : JSON.parse(body).language;
    if (!offer && session.mode === 'ephemeral') return fail(response, 503, 'unavailable');
    if (!offer) {
      response.writeHead(201, { 'Content-Type': 'application/json' });
      return response.end(
        JSON.stringify({
          session_id: session.id,
          token: session.token,
          expires_at: 0,
          mode: session.mode,
          stream_url: '/api/web/stream',
        }),
      );
    }
    session.peer = new OpusPeer({ frame: () => session.frame(), closed: () => (session.channelClosed = true) });
    session.heard = session.peer.heard;
    let answer = await session.peer.answer(body);
    if (this.deadMedia) answer = answer.replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+/gim, '$1 61999');
    response.writeHead(201, {
      'Content-Type': 'application/sdp',
      Location: `/session/${session.id}`,
      'X-Voicebridge-Session': session.id,
      'X-Voicebridge-Token': session.token,
    });
    return response.end(answer);
  }

  async #post(pathname, request, response) {
    const body = await bodyOf(request);
    const [, kind, id, verb] = pathname.split('/');
    const session = this.sessions.find((one) => one.id === id);
    if (kind !== 'session' || verb !== 'end' || !session) return fail(response, 404, 'not_found');
    const token = request.headers.authorization?.replace('Bearer ', '') ?? JSON.parse(body).token;
    if (token !== session.token) return fail(response, 401, 'unauthorized');
    this.#end(session, request.headers.authorization ? 'post' : 'beacon');
    return this.#json(response, {});
  }

  #end(session, how) {
    session.ended ??= how;
    session.peer?.close();
    session.state('ended', 'hangup');
    session.emit({ type: 'bye', reason: 'hangup' });
  }

  #socket(url, socket) {
    let session = null;
    socket.on('message', (data, binary) => {
      if (binary) return this.#audio(session, data);
      const message = JSON.parse(data);
      if (message.type === 'hello') {
        session = this.sessions.find(
          ({ id, token }) => id === message.session_id && token === message.token && !this.expired,
        );
        if (!session) return socket.close(4401);
        socket.send(JSON.stringify({ type: 'hello', session_id: session.id, agent: 'web', language: 'en' }));
        if (url === '/api/web/stream') socket.send('{"type":"ready","sample_rate":24000}');
        session.replay(socket, message.after);
        session.sockets.add(socket);
        return undefined;
      }
      if (message.type === 'ping') return socket.send('{"type":"pong"}');
      session.received.push(message);
      if (message.type === 'position') session.played = message.played_samples;
      if (message.type === 'end') this.#end(session, 'socket');
      if (message.type === 'text')
        session.emit({
          type: 'transcript',
          who: 'visitor',
          turn: `t${session.received.length}`,
          text: message.text,
          final: true,
        });
      if (message.type === 'lead' && !this.holdLeads)
        session.emit({ type: 'lead', lead: { lead_id: 'l1', ...message, type: undefined } });
      return undefined;
    });
    socket.on('close', () => session?.sockets.delete(socket));
  }

  #audio(session, data) {
    session.heard.packets += 1;
    session.heard.loudest = Math.max(
      session.heard.loudest,
      rms(new Int16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length))),
    );
  }

  async close() {
    for (const session of this.sessions) {
      for (const socket of session.sockets) socket.terminate();
      await session.peer?.close();
    }
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
