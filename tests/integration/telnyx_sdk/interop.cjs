// The official SDK against the simulator: dial, speak, hang up, conferences, and what it says to our signatures.
//   node interop.cjs BASE_URL KEY PUBLIC_KEY
// Prints the URL for webhooks, drives one call, then prints what it saw as JSON.
'use strict';
const http = require('http');
const Telnyx = require('telnyx').default || require('telnyx');

const [baseURL, apiKey, publicKey] = process.argv.slice(2);
const client = new Telnyx({ apiKey, baseURL, publicKey, maxRetries: 0, timeout: 10000 });
const wrongKey = 'eu2zvPjhY6odxV34Z/EsRiERvTodkev4Fq0SlK90Izg=';
const seen = { types: [], refused: {} };
const waiting = [];

/// Resolves with the first verified event of this type.
function event(type) {
  return new Promise((resolve) => waiting.push({ type, resolve }));
}

/// The name of the error with which the SDK refuses, or "taken".
const verdict = (body, headers, key) => client.webhooks
  .unwrap(body, key ? { headers, key } : { headers })
  .then(() => 'taken', (error) => error.constructor.name);

async function take(body, headers) {
  const told = await client.webhooks.unwrap(body, { headers });
  seen.types.push(told.data.event_type);
  if (!seen.refused.changed) {
    const old = { ...headers, 'telnyx-timestamp': String(Number(headers['telnyx-timestamp']) - 301) };
    seen.refused = {
      changed: await verdict(body.replace('"event"', '"Event"'), headers),
      wrong_key: await verdict(body, headers, wrongKey),
      other_time: await verdict(body, old),
      unsigned: await verdict(body, { 'telnyx-timestamp': headers['telnyx-timestamp'] }),
    };
  }
  for (const one of waiting.filter((each) => each.type === told.data.event_type)) one.resolve(told.data);
}

const server = http.createServer((request, response) => {
  let body = '';
  request.on('data', (data) => { body += data; });
  request.on('end', () => take(body, request.headers).then(
    () => response.writeHead(200).end(),
    (error) => {
      // What is stale comes on purpose.
      seen.stale = error.constructor.name;
      response.writeHead(200).end();
    }));
});

async function drive() {
  const answered = event('call.answered');
  const spoken = event('call.speak.ended');
  const ended = event('call.hangup');
  const dialled = await client.calls.dial({ connection_id: '1', to: '+33639981234', from: '+33199001234',
    command_id: 'dial-1' });
  const id = dialled.data.call_control_id;
  seen.dialled = id.slice(0, 3);
  await answered;
  await client.calls.actions.speak(id, { payload: 'hello', voice: 'AWS.Polly.Amy' });
  await spoken;
  const conference = await client.conferences.create({ call_control_id: id, name: 'room' });
  seen.conference = conference.data.name;
  await client.conferences.actions.leave(conference.data.id, { call_control_id: id });
  seen.hangup = (await client.calls.actions.hangup(id, {})).data.result;
  seen.cause = (await ended).payload.hangup_cause;
  seen.again = await client.calls.actions.hangup(id, {}).then(() => 'done',
    (error) => ({ status: error.status, code: error.error.errors[0].code }));
  seen.wrong = await client.calls.dial({ connection_id: '1', to: '0639981234', from: '+33199001234' })
    .then(() => 'done', (error) => error.error.errors[0].source.pointer);
}

function finish(code, more) {
  console.log(JSON.stringify({ ...seen, ...more }));
  process.exit(code);
}

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/telnyx/webhook`);
  // The line tells the simulator where to; it is ready when it says so.
  process.stdin.once('data', () => drive().then(() => finish(0), (error) => finish(1, { failed: String(error) })));
});
