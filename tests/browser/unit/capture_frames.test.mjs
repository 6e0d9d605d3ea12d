import assert from 'node:assert/strict';
import test from 'node:test';
import { CaptureFrames, FRAME_SAMPLES } from '../../../examples/server/web/capture_frames.js';

/** Two seconds of a tone at `rate`, in blocks of the audio thread. */
function record(rate, hertz) {
  const capture = new CaptureFrames(rate);
  const frames = [];
  for (let at = 0; at < 2 * rate; at += 128) {
    frames.push(
      ...capture.push(
        Float32Array.from({ length: 128 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * (at + i)) / rate)),
      ),
    );
  }
  return frames;
}

/** Crossings of zero upwards in a second: the pitch. */
function pitch(frames) {
  const samples = frames.flatMap((frame) => Array.from(frame));
  let crossings = 0;
  for (let i = 1; i < samples.length; i += 1) if (samples[i - 1] < 0 && samples[i] >= 0) crossings += 1;
  return (crossings * 24000) / samples.length;
}

for (const rate of [24000, 44100, 48000, 16000]) {
  test(`brings ${rate} Hz to frames of 40 ms at 24 kHz`, () => {
    const frames = record(rate, 440);
    assert.ok(frames.every((frame) => frame.length === FRAME_SAMPLES));
    assert.ok(Math.abs(frames.length - 50) <= 1, `${frames.length} frames in two seconds`);
    assert.ok(Math.abs(pitch(frames) - 440) < 6, `${pitch(frames)} Hz`);
    const peak = Math.max(...frames.flatMap((frame) => Array.from(frame)));
    assert.ok(peak > 15500 && peak < 16800, `peak ${peak}`);
  });
}

test('what is too loud is clipped, not wrapped', () => {
  const [frame] = new CaptureFrames(24000).push(new Float32Array(FRAME_SAMPLES).fill(3));
  assert.deepEqual([...new Set(frame)], [32767]);
});
