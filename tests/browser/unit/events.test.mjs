import assert from 'node:assert/strict';
import test from 'node:test';
import { CLOSE_UNAUTHORIZED, EventCursor, EventLink, retryDelay } from '../../../examples/server/web/events.js';

/** A WebSocket of which the test is the server. */
class FakeSocket {
  static all = [];
  readyState = 0;
  sent = [];
  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  accept() {
    this.readyState = 1;
    this.onopen();
  }
  say(event) {
    this.onmessage({ data: typeof event === 'string' ? event : JSON.stringify(event) });
  }
  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
}

function open(t, options = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  FakeSocket.all = [];
  const seen = { events: [], lost: [], weak: [] };
  const link = new EventLink({
    url: 'ws://x/api/web/events',
    session: { id: 's', token: 'secret' },
    Socket: FakeSocket,
    handlers: {
      event: (event) => seen.events.push(event),
      lost: (code) => seen.lost.push(code),
      unstable: () => seen.weak.push('unstable'),
      stable: () => seen.weak.push('stable'),
    },
    ...options,
  });
  const opened = link.open();
  return { link, opened, seen, socket: () => FakeSocket.all.at(-1) };
}

test('events are taken once, in order', () => {
  const cursor = new EventCursor();
  assert.deepEqual(
    [1, 2, 2, 1, 3].map((seq) => cursor.accept({ seq })),
    [true, true, false, false, true],
  );
  assert.equal(cursor.accept({ type: 'pong' }), true);
  assert.equal(cursor.after, 3);
});

test('says hello with the token in the message, never in the address', async (t) => {
  const { opened, socket } = open(t);
  socket().accept();
  assert.deepEqual(socket().sent, [{ type: 'hello', session_id: 's', token: 'secret', after: 0 }]);
  socket().say({ type: 'hello', session_id: 's' });
  await opened;
  assert.ok(!socket().url.includes('secret'));
});

test('a lost socket is opened again after the last event, and nothing comes twice', async (t) => {
  const { opened, socket, seen } = open(t);
  socket().accept();
  socket().say({ type: 'hello', seq: 1 });
  await opened;
  socket().say({ type: 'state', state: 'listening', seq: 2 });
  socket().drop();
  assert.deepEqual(seen.weak, ['unstable']);
  t.mock.timers.tick(retryDelay(0));
  assert.equal(FakeSocket.all.length, 2);
  socket().accept();
  assert.equal(socket().sent[0].after, 2);
  socket().say({ type: 'hello' });
  socket().say({ type: 'state', state: 'listening', seq: 2 });
  socket().say({ type: 'state', state: 'speaking', seq: 3 });
  assert.deepEqual(
    seen.events.filter(({ type }) => type === 'state').map(({ seq }) => seq),
    [2, 3],
  );
  assert.deepEqual(seen.weak, ['unstable', 'stable']);
});

test('what is sent while the socket is away waits for it', async (t) => {
  const { link, opened, socket } = open(t);
  link.send({ type: 'text', text: 'early' });
  socket().accept();
  socket().say({ type: 'hello' });
  await opened;
  assert.equal(socket().sent[1].text, 'early');
  socket().drop();
  link.send({ type: 'lead' });
  t.mock.timers.tick(300);
  socket().accept();
  socket().say({ type: 'hello' });
  assert.equal(socket().sent[1].type, 'lead');
});

test('gives up in the end; after a bye it does not even begin', async (t) => {
  const { opened, socket, seen } = open(t);
  socket().accept();
  socket().say({ type: 'hello' });
  await opened;
  socket().drop();
  for (let i = 0; i < 10; i += 1) {
    t.mock.timers.tick(6000);
    if (socket().readyState === 0) socket().drop();
  }
  assert.deepEqual(seen.lost, ['server_down']);
  const tries = FakeSocket.all.length;
  t.mock.timers.tick(60000);
  assert.equal(FakeSocket.all.length, tries);

  t.mock.timers.reset();
  const other = open(t);
  other.socket().accept();
  other.socket().say({ type: 'hello' });
  await other.opened;
  other.socket().say({ type: 'bye', reason: 'hangup', seq: 1 });
  other.socket().drop(1000);
  t.mock.timers.tick(60000);
  assert.deepEqual(other.seen.lost, []);
  assert.equal(FakeSocket.all.length, 1);
});

test('a token that is not taken is an expired session, at once', async (t) => {
  const { opened, socket, seen } = open(t);
  socket().accept();
  socket().say({ type: 'hello' });
  await opened;
  socket().drop(CLOSE_UNAUTHORIZED);
  assert.deepEqual(seen.lost, ['expired']);
});

test('the first socket is not tried twice', async (t) => {
  const { opened, socket } = open(t);
  socket().drop();
  await assert.rejects(opened, /server_down/);
  t.mock.timers.tick(60000);
  assert.equal(FakeSocket.all.length, 1);
});

test('a socket with audio is not resumed until the talk is over', async (t) => {
  const { link, opened, socket, seen } = open(t, {
    url: 'ws://x/api/web/stream',
    resumeUrl: 'ws://x/api/web/events',
    resumable: false,
  });
  socket().accept();
  socket().say({ type: 'hello' });
  await opened;
  link.becomeResumable();
  socket().drop();
  t.mock.timers.tick(300);
  assert.equal(socket().url, 'ws://x/api/web/events');
  assert.deepEqual(seen.lost, []);
});

test('a socket that is open but dead is found out', async (t) => {
  const { opened, socket, seen } = open(t);
  socket().accept();
  socket().say({ type: 'hello' });
  await opened;
  const first = socket();
  first.close = () => first.drop(1006);
  for (let i = 0; i < 5; i += 1) t.mock.timers.tick(15000);
  assert.ok(first.sent.filter(({ type }) => type === 'ping').length >= 2);
  assert.deepEqual(seen.weak, ['unstable']);
});

test('text that is no JSON is no end', async (t) => {
  const { opened, socket, seen } = open(t);
  socket().accept();
  socket().say({ type: 'hello' });
  await opened;
  socket().say('{');
  socket().say({ type: 'state', state: 'thinking', seq: 1 });
  assert.equal(seen.events.at(-1).state, 'thinking');
});
