// The official SDK against ours: its verdict on signed requests, and its client on the simulator.
//   node interop.cjs FILE
// The file is JSON: token, cases (url, signature, form), base, account, auth. Prints what it saw.
'use strict';
const fs = require('fs');
const twilio = require('twilio');

const told = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

/// Repeated names are arrays, as Express has them.
function parameters(form) {
  const out = {};
  for (const [name, value] of form) {
    if (!(name in out)) out[name] = value;
    else if (Array.isArray(out[name])) out[name].push(value);
    else out[name] = [out[name], value];
  }
  return out;
}

/// The SDK's client with another host under it.
class Elsewhere extends twilio.RequestClient {
  request(options) {
    const uri = options.uri.replace('https://api.twilio.com', told.base);
    return super.request({ ...options, uri });
  }
}

function client(auth) {
  return twilio(told.account, auth, { httpClient: new Elsewhere(), autoRetry: false });
}

const code = (promise) => promise.then(() => 0, (error) => error.code);

async function main() {
  const seen = {};
  seen.verdicts = told.cases.map(({ url, signature, form }) =>
    (twilio.validateRequest(told.token, signature, url, parameters(form)) ? '1' : '0')).join('');
  const api = client(told.auth);
  const call = await api.calls.create({
    to: '+15550100100', from: '+15550100200', twiml: '<Response><Pause length="60"/></Response>',
    statusCallbackEvent: ['initiated', 'completed'] });
  seen.created = { status: call.status, direction: call.direction };
  const fetched = await api.calls(call.sid).fetch();
  seen.fetched = { same: fetched.sid === call.sid, to: fetched.to };
  seen.listed = (await api.calls.list({ limit: 20 })).length;
  seen.ended = (await api.calls(call.sid).update({ status: 'canceled' })).status;
  seen.again = await code(api.calls(call.sid).update({ twiml: '<Response/>' }));
  seen.unknown = await code(api.calls('CA00000000000000000000000000000000').fetch());
  seen.refused = await code(client('wrong').calls(call.sid).fetch());
  console.log(JSON.stringify(seen));
}
main().catch((error) => {
  console.log(JSON.stringify({ failed: String(error && error.stack) }));
  process.exit(1);
});
