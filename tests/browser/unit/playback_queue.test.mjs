import assert from 'node:assert/strict';
import test from 'node:test';
import { PlaybackQueue } from '../../../examples/server/web/playback_queue.js';

const ramp = (from, count) => Int16Array.from({ length: count }, (_, i) => from + i);
const take = (queue, count) => {
  const out = new Float32Array(count);
  const marks = queue.read(out);
  return { heard: Array.from(out, (sample) => Math.round(sample * 32768)), marks };
};

test('plays what came, in order, over the edges of the pieces', () => {
  const queue = new PlaybackQueue({ prebuffer: 0 });
  queue.push(ramp(1, 5));
  queue.push(ramp(6, 3));
  assert.deepEqual(take(queue, 4).heard, [1, 2, 3, 4]);
  assert.deepEqual(take(queue, 6).heard, [5, 6, 7, 8, 0, 0]);
  assert.equal(queue.played, 8);
  assert.equal(queue.underruns, 1);
});

test('waits for the first part, unless a mark tells that no more comes', () => {
  const queue = new PlaybackQueue({ prebuffer: 8 });
  queue.push(ramp(1, 4));
  assert.deepEqual(take(queue, 4).heard, [0, 0, 0, 0]);
  assert.equal(queue.played, 0);
  assert.deepEqual(queue.mark('end'), []);
  assert.deepEqual(take(queue, 4), { heard: [1, 2, 3, 4], marks: ['end'] });
  assert.equal(queue.underruns, 0);
});

test('marks are passed when all before them was heard, exactly', () => {
  const queue = new PlaybackQueue({ prebuffer: 0 });
  queue.push(ramp(1, 10));
  queue.mark('a');
  queue.push(ramp(11, 10));
  queue.mark('b');
  assert.deepEqual(take(queue, 9).marks, []);
  assert.deepEqual(take(queue, 1).marks, ['a']);
  assert.deepEqual(take(queue, 20).marks, ['b']);
  assert.deepEqual(queue.mark('nothing queued'), ['nothing queued']);
});

test('an interruption drops the rest, tells the marks in it, and keeps the position', () => {
  const queue = new PlaybackQueue({ prebuffer: 0 });
  queue.push(ramp(1, 100));
  queue.mark('a');
  queue.mark('b');
  take(queue, 30);
  assert.deepEqual(queue.clear(), ['a', 'b']);
  assert.equal(queue.played, 30);
  assert.equal(queue.queued, 0);
  assert.deepEqual(take(queue, 3).heard, [0, 0, 0]);
  assert.equal(queue.played, 30, 'silence is not counted as played');
  queue.push(ramp(500, 3));
  assert.deepEqual(take(queue, 3).heard, [500, 501, 502]);
  assert.equal(queue.played, 33);
});

test('whatever comes, all of it is played or counted as lost', () => {
  let seed = 7;
  const chance = (limit) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % limit;
  };
  const queue = new PlaybackQueue({ prebuffer: 64 });
  let pushed = 0;
  let dropped = 0;
  const waiting = [];
  const passed = [];
  for (let step = 0; step < 3000; step += 1) {
    const what = chance(10);
    if (what < 5) {
      const count = chance(400);
      queue.push(ramp(0, count));
      pushed += count;
    } else if (what < 6) {
      waiting.push(`m${step}`);
      passed.push(...queue.mark(`m${step}`));
    } else if (what < 7 && chance(5) === 0) {
      dropped += queue.queued;
      passed.push(...queue.clear());
    } else {
      passed.push(...take(queue, 128).marks);
    }
    assert.equal(queue.played + queue.queued + dropped + queue.overflow, pushed);
  }
  passed.push(...queue.clear());
  assert.deepEqual(passed, waiting, 'each mark once, in order');
});

test('holds five minutes and no more', () => {
  const queue = new PlaybackQueue();
  for (let second = 0; second < 301; second += 1) queue.push(new Int16Array(24000));
  assert.equal(queue.queued, 300 * 24000);
  assert.equal(queue.overflow, 24000);
});
