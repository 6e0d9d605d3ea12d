import assert from 'node:assert/strict';
import test from 'node:test';
import { heardPart, ModelEvents } from '../../../examples/server/web/model_events.js';

const call = (id, name = 'save_lead', args = '{"phone":"1"}', status = 'completed') => ({
  type: 'response.output_item.done',
  item: { type: 'function_call', call_id: id, name, arguments: args, status },
});
const done = (status = 'completed') => ({ type: 'response.done', response: { status } });
const sent = (actions) => actions.filter((action) => action.do === 'send').map(({ event }) => event.type);
const states = (actions) => actions.filter(({ event }) => event?.type === 'state').map(({ event }) => event.state);

function begun() {
  const model = new ModelEvents();
  model.start();
  model.onEvent({ type: 'response.created' });
  model.onEvent(done());
  return model;
}

test('greets by its instructions', () => {
  assert.deepEqual(new ModelEvents().start('Greet.')[0].event, {
    type: 'response.create',
    response: { instructions: 'Greet.' },
  });
  assert.deepEqual(new ModelEvents().start()[0].event, { type: 'response.create' });
});

test('one response for all tool results, and only when the asking response is over', () => {
  const model = begun();
  model.onEvent({ type: 'response.created' });
  assert.equal(model.onEvent(call('c1'))[0].do, 'tool');
  assert.equal(model.onEvent(call('c2'))[0].args.phone, '1');
  assert.deepEqual(sent(model.onToolDone('c1', '{}')), ['conversation.item.create']);
  assert.deepEqual(sent(model.onToolDone('c2', '{}')), ['conversation.item.create'], 'the response still runs');
  assert.deepEqual(sent(model.onEvent(done())), ['response.create']);
});

test('a tool that takes longer than its response is answered when it is done', () => {
  const model = begun();
  model.onEvent({ type: 'response.created' });
  model.onEvent(call('c1'));
  assert.deepEqual(sent(model.onEvent(done())), []);
  assert.deepEqual(sent(model.onToolDone('c1', '{"ok":1}')), ['conversation.item.create', 'response.create']);
  assert.deepEqual(model.onToolDone('c1', '{}'), [], 'once');
});

test('the same call told twice runs once; one that was cut off does not run', () => {
  const model = begun();
  assert.equal(model.onEvent(call('c1')).length, 1);
  assert.equal(model.onEvent(call('c1')).length, 0);
  assert.equal(model.onEvent(call('c2', 'save_lead', '{"ph', 'incomplete')).length, 0);
  const [output] = model.onEvent(call('c3', 'save_lead', '{"ph'));
  assert.match(output.event.item.output, /invalid_json/);
});

test('the talk ends when the goodbye has been heard, not before', () => {
  const model = begun();
  model.onEvent({ type: 'response.created' });
  model.onEvent({ type: 'output_audio_buffer.started' });
  assert.deepEqual(model.onEvent(call('c1', 'end_call', '{}')), []);
  assert.deepEqual(model.onEvent(done()), []);
  assert.deepEqual(model.onEvent({ type: 'output_audio_buffer.stopped' }), [{ do: 'end' }]);
});

test('states follow what is heard', () => {
  const model = begun();
  model.onEvent({ type: 'response.created' });
  assert.deepEqual(states(model.onEvent({ type: 'output_audio_buffer.started' })), ['speaking']);
  assert.deepEqual(states(model.onEvent(done())), [], 'generated is not heard');
  assert.deepEqual(states(model.onEvent({ type: 'output_audio_buffer.stopped' })), ['listening']);
  assert.deepEqual(states(model.onEvent({ type: 'input_audio_buffer.speech_stopped' })), ['thinking']);
});

test('an interruption leaves the words that were heard', () => {
  const model = begun();
  model.onEvent({ type: 'response.output_audio_transcript.delta', item_id: 'i', delta: 'The first visit ' });
  model.onEvent({ type: 'response.output_audio_transcript.delta', item_id: 'i', delta: 'costs you nothing at all.' });
  const [action] = model.onEvent({ type: 'conversation.item.truncated', item_id: 'i', audio_end_ms: 1400 });
  assert.deepEqual(action.event, {
    type: 'transcript',
    who: 'agent',
    turn: 'i',
    text: 'The first visit costs',
    final: true,
    cut: true,
    heard_ms: 1400,
  });
});

test('the heard part is cut between words, and never longer than the text', () => {
  assert.equal(heardPart('one two three', 60000), 'one two three');
  assert.equal(heardPart('one two three', 400), 'one');
  assert.equal(heardPart('one two three', 0), '');
});

test('typed words stop the agent and get an answer', () => {
  const model = begun();
  model.onEvent({ type: 'output_audio_buffer.started' });
  assert.deepEqual(sent(model.onTyped('Hello')), [
    'response.cancel',
    'output_audio_buffer.clear',
    'conversation.item.create',
    'response.create',
  ]);
});

test('an expired session ends the talk; other errors do not', () => {
  const model = begun();
  assert.deepEqual(model.onEvent({ type: 'error', error: { code: 'response_cancel_not_active' } }), []);
  assert.equal(model.onEvent({ type: 'error', error: { code: 'session_expired' } })[0].event.reason, 'expired');
});
