import assert from 'node:assert/strict';
import test from 'node:test';
import { supportedConstraints } from '../../../examples/server/web/microphone.js';
import { follow } from '../../../examples/server/web/meters.js';
import { levelOf } from '../../../examples/server/web/audio_stage.js';
import { stepStates } from '../../../examples/server/web/phone_call.js';
import { PageError, until } from '../../../examples/server/web/session_api.js';
import { remainingTransports, transportOrder } from '../../../examples/server/web/talk.js';

test('best first, of what the server offers and the browser can', () => {
  assert.deepEqual(transportOrder(null), ['webrtc', 'ephemeral', 'websocket']);
  assert.deepEqual(transportOrder(null, ['websocket', 'webrtc']), ['webrtc', 'websocket']);
  assert.deepEqual(transportOrder(null, undefined, false), ['websocket']);
  assert.deepEqual(transportOrder('ephemeral'), ['ephemeral']);
  assert.deepEqual(transportOrder('smoke signals', ['websocket']), ['websocket']);
});

test('where UDP is blocked the other WebRTC is not tried; a refusal is final', () => {
  const order = ['webrtc', 'ephemeral', 'websocket'];
  assert.deepEqual(remainingTransports(order, 'webrtc', new PageError('udp_blocked', { next: true })), ['websocket']);
  assert.deepEqual(remainingTransports(order, 'webrtc', new PageError('server_error', { next: true })), [
    'ephemeral',
    'websocket',
  ]);
  assert.deepEqual(remainingTransports(order, 'webrtc', new PageError('too_many')), []);
  assert.deepEqual(remainingTransports(order, 'websocket', new PageError('timeout', { next: true })), []);
});

test('what never comes is waited for until the attempt is given up, and not at all after that', async () => {
  const attempt = new AbortController();
  assert.equal(await until(attempt.signal, Promise.resolve('there')), 'there');
  await assert.rejects(until(attempt.signal, Promise.reject(new Error('broken'))), /broken/);
  const never = until(attempt.signal, new Promise(() => {}));
  attempt.abort();
  const late = until(attempt.signal, new Promise(() => {}));
  for (const waiting of [never, late]) {
    await assert.rejects(waiting, (error) => error.code === 'timeout' && error.next);
  }
});

test('only constraints that the browser knows are asked for', () => {
  assert.deepEqual(supportedConstraints({ echoCancellation: true, autoGainControl: false }), {
    echoCancellation: true,
  });
});

test('levels: silence is nothing, speech is much, and the needle falls slower than it rises', () => {
  assert.equal(levelOf(new Float32Array(100)), 0);
  assert.ok(levelOf(new Float32Array(100).fill(0.1)) > 0.6);
  assert.equal(levelOf(new Float32Array(100).fill(1)), 1);
  const up = follow(0, 1, 40);
  assert.ok(up > 0.6 && follow(1, 0, 40) > 0.8);
});

test('the steps of a call: done, now, to come, and those that it never reached', () => {
  assert.deepEqual(stepStates(null, null), ['todo', 'todo', 'todo', 'todo', 'todo']);
  assert.deepEqual(stepStates('ringing', 'ringing'), ['done', 'now', 'todo', 'todo', 'todo']);
  assert.deepEqual(stepStates('ended', 'talking'), ['done', 'done', 'done', 'done', 'now']);
  assert.deepEqual(stepStates('ended', 'ringing'), ['done', 'done', 'skipped', 'skipped', 'now']);
});
