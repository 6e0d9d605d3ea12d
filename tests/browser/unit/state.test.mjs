import assert from 'node:assert/strict';
import test from 'node:test';
import { canStart, initialState, phaseOf, PHASES, reduce } from '../../../examples/server/web/state.js';

const play = (...events) => events.reduce(reduce, initialState());
const start = { type: 'start' };
const connected = { type: 'connected' };
const says = (state, reason) => ({ type: 'state', state, reason });
const call = (state, reason) => ({ type: 'call', state, reason });

test('a talk goes through its phases', () => {
  const events = [start, connected, says('thinking'), says('speaking'), says('listening'), says('ended', 'hangup')];
  const phases = [];
  events.reduce((state, event) => {
    const next = reduce(state, event);
    phases.push(phaseOf(next));
    return next;
  }, initialState());
  assert.deepEqual(phases, ['connecting', 'listening', 'thinking', 'speaking', 'listening', 'ended']);
});

test('what the server is ready for is shown only when the media are', () => {
  assert.equal(phaseOf(play(start, says('speaking'))), 'connecting');
  assert.equal(phaseOf(play(start, says('speaking'), connected)), 'speaking');
  assert.equal(phaseOf(play(start, says('connecting'), connected)), 'listening');
});

test('a second start changes nothing, during a talk or a call', () => {
  const live = play(start, connected);
  assert.equal(reduce(live, start), live);
  const onPhone = play(start, connected, call('ringing'), says('ended', 'agent'));
  assert.equal(canStart(onPhone), false);
  assert.equal(reduce(onPhone, start), onPhone);
  assert.equal(canStart(reduce(onPhone, call('ended'))), true);
});

test('the call is shown once the talk makes way for it, and outlives it', () => {
  assert.equal(phaseOf(play(start, connected, says('speaking'), call('dialing'))), 'speaking');
  assert.equal(phaseOf(play(start, connected, says('calling'), call('dialing'))), 'calling');
  assert.equal(phaseOf(play(start, connected, call('ringing'), says('ended', 'agent'))), 'calling');
  assert.equal(phaseOf(play(start, connected, call('answered'), says('ended', 'agent'))), 'on_phone');
  assert.equal(
    phaseOf(play(start, connected, call('talking'), says('ended', 'agent'), call('ended', 'busy'))),
    'ended',
  );
});

test('faults are faults, and ends are ends', () => {
  assert.deepEqual(play(start, connected, says('ended', 'expired')).error, { code: 'expired' });
  assert.deepEqual(play(start, connected, says('ended', 'error')).error, { code: 'talk_failed' });
  assert.deepEqual(play(start, connected, says('ended', 'timeout')).error, { code: 'silent' });
  assert.equal(phaseOf(play(start, connected, says('ended', 'agent'))), 'ended');
  assert.equal(phaseOf(play(start, { type: 'failed', error: { code: 'mic_refused' } })), 'error');
});

test('the page does not wait for a call that it can hear nothing more of', () => {
  const onPhone = play(start, connected, call('talking'), says('ended', 'agent'));
  for (const event of [{ type: 'link_lost' }, { type: 'bye' }]) {
    assert.equal(phaseOf(reduce(onPhone, event)), 'ended');
    assert.equal(canStart(reduce(onPhone, event)), true);
  }
  const lost = play(start, connected, call('ringing'), { type: 'failed', error: { code: 'lost' } });
  assert.equal(phaseOf(lost), 'error');
});

test('late events do not wake a talk that is over', () => {
  const over = play(start, connected, { type: 'hung_up' });
  assert.equal(reduce(over, says('speaking')), over);
  assert.equal(reduce(over, connected), over);
  assert.equal(reduce(over, { type: 'reconnecting' }), over);
});

test('a lost connection shows as connecting until it is back', () => {
  const lost = play(start, connected, says('speaking'), { type: 'reconnecting' });
  assert.equal(phaseOf(lost), 'connecting');
  assert.equal(lost.reconnecting, true);
  const back = reduce(lost, connected);
  assert.equal(phaseOf(back), 'listening');
  assert.equal(back.reconnecting, false);
});

test('unknown words change nothing, and every phase has a name', () => {
  const live = play(start, connected);
  assert.equal(reduce(live, says('dancing')), live);
  assert.equal(reduce(live, call('dancing')), live);
  assert.equal(reduce(live, { type: 'weather' }), live);
  assert.equal(new Set(PHASES).size, 9);
});
