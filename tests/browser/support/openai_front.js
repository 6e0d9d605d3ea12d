// Stands in for OpenAI in front of voicebridge-sim, and adds the one thing that it has not: media. REST and plain
// WebSocket sessions go through unchanged; a WebRTC call becomes a session of the simulator whose audio is the
// browser's, so that the simulator's own turn detection hears the real microphone.
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { MediaCall } from './media_call.js';

const CALLS = '/v1/realtime/calls';
const SECRETS = '/v1/realtime/client_secrets';
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'authorization, content-type',
  'Access-Control-Expose-Headers': 'location',
};

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** The parts of a multipart body that holds texts. */
export function multipartTexts(type, body) {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  const texts = {};
  for (const part of body.toString().split(`--${boundary}`)) {
    const split = part.indexOf('\r\n\r\n');
    const name = /name="?([^";\r\n]+)"?/.exec(part.slice(0, split))?.[1];
    if (name) texts[name] = part.slice(split + 4).replace(/\r\n$/, '');
  }
  return texts;
}

export class OpenAiFront {
  #http = createServer((request, response) =>
    this.#serve(request, response).catch((error) => {
      response.writeHead(502).end(String(error));
    }),
  );
  #sockets = new WebSocketServer({ noServer: true });
  #pairs = new Set();
  #secrets = new Map(); // ek_… -> session

  /** `simulator`: its origin, such as http://127.0.0.1:4711; `key`: of the account. */
  constructor({ simulator, key }) {
    this.simulator = simulator;
    this.key = key;
    this.calls = [];
    this.deadMedia = false; // Answers lead nowhere, as where UDP is blocked.
    this.refuseKey = false; // 401 to everything, as when the key was withdrawn.
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  async listen() {
    await new Promise((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${this.#http.address().port}`;
    return this;
  }

  get call() {
    return this.calls.at(-1);
  }

  async #serve(request, response) {
    if (request.method === 'OPTIONS') return response.writeHead(204, CORS).end();
    const body = await bodyOf(request);
    if (this.refuseKey) {
      response.writeHead(401, { ...CORS, 'Content-Type': 'application/json' });
      return response.end(
        JSON.stringify({
          error: {
            code: 'invalid_api_key',
            type: 'invalid_request_error',
            message: `Incorrect API key provided: ${this.key}`,
          },
        }),
      );
    }
    const path = new URL(request.url, this.origin).pathname;
    const id = path.startsWith(`${CALLS}/`) ? path.split('/')[4] : null;
    const call = id && this.calls.find((one) => one.id === id);
    if (call && path.endsWith('/hangup')) {
      await call.hangUp();
      return response.writeHead(200).end();
    }
    const answer = await this.#forward(request, body);
    const text = await answer.text();
    if (path === CALLS && answer.status === 201) return this.#answerCall(request, body, answer, response);
    if (path === SECRETS && answer.ok) this.#secrets.set(JSON.parse(text).value, JSON.parse(body).session);
    response.writeHead(answer.status, { ...CORS, 'Content-Type': answer.headers.get('content-type') ?? 'text/plain' });
    return response.end(text);
  }

  #forward(request, body) {
    const headers = { ...request.headers };
    for (const name of ['host', 'connection', 'content-length', 'expect', 'transfer-encoding']) delete headers[name];
    return fetch(this.simulator + request.url, {
      method: request.method,
      headers,
      body: body.length > 0 ? body : undefined,
    });
  }

  /** The simulator has judged the request and made a call of it, which is not needed: its caller is a script. */
  async #answerCall(request, body, judged, response) {
    const id = judged.headers.get('location').split('/').at(-1);
    const key = request.headers.authorization.replace('Bearer ', '');
    await fetch(`${this.simulator}${CALLS}/${id}/hangup`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.key}` },
    });
    const type = request.headers['content-type'];
    const parts = type.startsWith('multipart/') ? multipartTexts(type, body) : { sdp: body.toString() };
    const session = parts.session ? JSON.parse(parts.session) : this.#secrets.get(key);
    const call = new MediaCall({
      id,
      session,
      url: `${this.simulator.replace('http', 'ws')}/v1/realtime`,
      key: this.key,
    });
    this.calls.push(call);
    let sdp = await call.answer(parts.sdp);
    if (this.deadMedia) sdp = sdp.replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+/gim, '$1 61999');
    response.writeHead(201, { ...CORS, 'Content-Type': 'application/sdp', Location: `${CALLS}/${id}` });
    response.end(sdp);
  }

  #upgrade(request, socket, head) {
    const url = new URL(request.url, this.origin);
    const call = this.calls.find(({ id }) => id === url.searchParams.get('call_id'));
    if (this.refuseKey) return socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
    return this.#sockets.handleUpgrade(request, socket, head, (client) => {
      if (call) call.attach(client);
      else this.#join(client, request);
    });
  }

  /** A session of its own: both directions, as they come. */
  #join(client, request) {
    const server = new WebSocket(this.simulator.replace('http', 'ws') + request.url, {
      headers: { Authorization: request.headers.authorization },
      perMessageDeflate: false,
    });
    const waiting = [];
    this.#pairs.add(client).add(server);
    client.on('message', (data, binary) =>
      server.readyState === 1 ? server.send(data, { binary }) : waiting.push(data.toString()),
    );
    server.on('open', () => waiting.forEach((text) => server.send(text)));
    server.on('message', (data, binary) => client.send(data, { binary }));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ]) {
      from.on('close', (code) => {
        this.#pairs.delete(from);
        to.close(code >= 1000 && code < 5000 && code !== 1005 && code !== 1006 ? code : 1000);
      });
      from.on('error', () => to.terminate());
    }
  }

  async close() {
    for (const call of this.calls) await call.hangUp();
    for (const socket of this.#pairs) socket.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
