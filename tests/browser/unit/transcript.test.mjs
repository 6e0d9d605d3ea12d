import assert from 'node:assert/strict';
import test from 'node:test';
import { Transcript } from '../../../examples/server/web/transcript.js';

const texts = (transcript) => transcript.turns.map(({ who, text, cut }) => `${who}: ${text}${cut ? ' [cut]' : ''}`);

test('a turn grows in its place, though the other side has begun', () => {
  const transcript = new Transcript();
  transcript.apply({ who: 'agent', turn: 'a', text: 'Hel' });
  transcript.apply({ who: 'visitor', turn: 'v', text: 'My' });
  transcript.apply({ who: 'agent', turn: 'a', text: 'Hello.', final: true });
  assert.deepEqual(texts(transcript), ['agent: Hello.', 'visitor: My']);
});

test('a cut turn keeps what was heard, whatever comes late', () => {
  const transcript = new Transcript();
  transcript.apply({ who: 'agent', turn: 'a', text: 'The first visit costs you nothing.', final: true });
  transcript.apply({ who: 'agent', turn: 'a', text: 'The first visit', final: true, cut: true, heard_ms: 900 });
  assert.equal(transcript.apply({ who: 'agent', turn: 'a', text: 'The first visit costs you', final: false }), null);
  assert.equal(
    transcript.apply({ who: 'agent', turn: 'a', text: 'The first visit costs you nothing.', final: true }),
    null,
  );
  assert.deepEqual(texts(transcript), ['agent: The first visit [cut]']);
  assert.equal(transcript.turns[0].heardMs, 900);
});

test('a turn that nobody heard is shown as interrupted', () => {
  const transcript = new Transcript();
  transcript.apply({ who: 'agent', turn: 'a', text: '', cut: true, final: true });
  assert.deepEqual(texts(transcript), ['agent:  [cut]']);
});

test('a late delta does not open a final turn again, and an empty one opens none', () => {
  const transcript = new Transcript();
  assert.equal(transcript.apply({ who: 'visitor', turn: 'v', text: '' }), null);
  transcript.apply({ who: 'visitor', turn: 'v', text: 'Hello there', final: true });
  assert.equal(transcript.apply({ who: 'visitor', turn: 'v', text: 'Hello' }), null);
  assert.deepEqual(texts(transcript), ['visitor: Hello there']);
});

test('the phone call comes once, though it is told twice', () => {
  const transcript = new Transcript();
  const lines = [
    { who: 'agent', text: 'Hello Ada.' },
    { who: 'lead', text: 'Hi.' },
    { who: 'agent', text: 'It is', cut: true },
  ];
  assert.equal(transcript.addCall('c1', lines).length, 3);
  transcript.addCall('c1', lines);
  assert.deepEqual(texts(transcript), ['phone_agent: Hello Ada.', 'lead: Hi.', 'phone_agent: It is [cut]']);
});

test('the same id of two speakers is two turns; the oldest of very many go', () => {
  const transcript = new Transcript();
  transcript.apply({ who: 'agent', turn: '1', text: 'A' });
  transcript.apply({ who: 'visitor', turn: '1', text: 'B' });
  assert.equal(transcript.turns.length, 2);
  for (let i = 0; i < 600; i += 1) transcript.apply({ who: 'agent', turn: `x${i}`, text: String(i) });
  assert.equal(transcript.turns.length, 500);
  assert.equal(transcript.turns.at(-1).text, '599');
});
