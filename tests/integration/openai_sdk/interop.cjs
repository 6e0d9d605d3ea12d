// The official SDK against the simulator: keys, REST, WebSockets in all three ways, webhooks.
//   node interop.cjs BASE_URL KEY WEBHOOK_SECRET
// Prints the URL for webhooks, serves one call that arrives there, then prints what it saw as JSON.
'use strict';
const http = require('http');
const { OpenAI } = require('openai');
const { OpenAIRealtimeWS } = require('openai/realtime/ws');

const [baseURL, apiKey, webhookSecret] = process.argv.slice(2);
const client = new OpenAI({ apiKey, baseURL, webhookSecret, maxRetries: 0 });
const seen = { errors: [] };

const OFFER = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0', 'a=rtpmap:111 opus/48000/2', ''].join('\r\n');

/// Runs `on[type](event, socket)` for the events of a socket; resolves with the types when it closes.
function follow(socket, on) {
  const types = [];
  socket.on('event', (event) => {
    if (types[types.length - 1] !== event.type) types.push(event.type);
    if (on[event.type]) on[event.type](event, socket);
  });
  socket.on('error', (error) => seen.errors.push(error.message));
  return new Promise((resolve) => socket.socket.on('close', (code) => resolve({ code, types })));
}

/// A session with audio over the socket, with an ephemeral key.
async function talk() {
  const secret = await client.realtime.clientSecrets.create({
    expires_after: { anchor: 'created_at', seconds: 60 },
    session: { type: 'realtime', instructions: 'Greet.', audio: { output: { voice: 'marin' } } },
  });
  seen.secret = { prefix: secret.value.slice(0, 3), voice: secret.session.audio.output.voice };
  const browser = new OpenAI({ apiKey: secret.value, baseURL, maxRetries: 0 });
  const socket = new OpenAIRealtimeWS({ model: 'gpt-realtime-2.1' }, browser);
  let bytes = 0;
  seen.session = await follow(socket, {
    'session.created': (event) => {
      seen.instructions = event.session.instructions;
      socket.send({ type: 'session.update', session: { type: 'realtime', audio: {
        input: { format: { type: 'audio/pcmu' }, turn_detection: null },
        output: { format: { type: 'audio/pcmu' } } } } });
    },
    'session.updated': () => socket.send({ type: 'response.create' }),
    'response.output_audio.delta': (event) => { bytes += Buffer.from(event.delta, 'base64').length; },
    'response.done': () => socket.close(),
  });
  seen.audio = bytes;
}

/// A WebRTC call as a server makes it, with a sideband; ended twice.
async function call() {
  const session = { type: 'realtime', model: 'gpt-realtime-2.1' };
  const response = await client.realtime.calls.create({ sdp: OFFER, session }).asResponse();
  const callID = response.headers.get('location').split('/').pop();
  seen.answer = { status: response.status, type: response.headers.get('content-type'),
    sdp: (await response.text()).slice(0, 3) };
  const socket = new OpenAIRealtimeWS({ callID }, client);
  seen.sideband = await follow(socket, {
    'session.created': () => client.realtime.calls.hangup(callID),
  });
  seen.again = await client.realtime.calls.hangup(callID).then(() => 'done', (error) => error.code);
}

/// The call that arrives by SIP.
async function answer(event) {
  const callID = event.data.call_id;
  seen.incoming = { type: event.type, from: event.data.sip_headers[0].name };
  const tuned = { type: 'realtime', audio: { input: { turn_detection: {
    type: 'server_vad', threshold: 0.5 } } } };
  seen.tuned = await client.realtime.calls.accept(callID, tuned)
    .then(() => 'accepted', (error) => ({ status: error.status, param: error.param }));
  await client.realtime.calls.accept(callID, { type: 'realtime', instructions: 'Greet.' });
  const socket = new OpenAIRealtimeWS({ callID }, client);
  seen.sip = await follow(socket, {
    'session.created': () => socket.send({ type: 'response.create' }),
    'output_audio_buffer.stopped': () =>
      client.realtime.calls.refer(callID, { target_uri: 'tel:+12025550199' }),
  });
}

function receive(done) {
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (data) => { body += data; });
    request.on('end', async () => {
      try {
        const event = await client.webhooks.unwrap(body, request.headers);
        response.writeHead(200).end();
        await client.webhooks.unwrap(body + ' ', request.headers).then(
          () => { seen.forged = 'taken'; }, (error) => { seen.forged = error.constructor.name; });
        await answer(event);
        server.close();
        done();
      } catch (error) {
        response.writeHead(400).end();
        fail(error);
      }
    });
  });
  server.listen(0, '127.0.0.1', () =>
    console.log(`http://127.0.0.1:${server.address().port}/openai/webhook`));
}

function fail(error) {
  console.log(JSON.stringify({ failed: String(error && error.stack), seen }));
  process.exit(1);
}

async function main() {
  await talk();
  await call();
  await new Promise(receive);
  console.log(JSON.stringify(seen));
}
main().catch(fail);
