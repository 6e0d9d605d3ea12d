import assert from 'node:assert/strict';
import test from 'node:test';
import { formatWhileTyping, readNumber } from '../../../examples/server/web/phone_number.js';

const us = { country: 'US' };

test('numbers as people write them become E.164', () => {
  for (const [text, country, e164] of [
    ['(202) 555-0143', 'US', '+12025550143'],
    ['202 555 0143', 'US', '+12025550143'],
    ['06 12 34 56 78', 'FR', '+33612345678'],
    ['+44 20 7946 0958', 'FR', '+442079460958'],
    ['0803 123 4567', 'NG', '+2348031234567'],
    ['+33 (0)6 12 34 56 78', 'US', '+33612345678'],
  ]) {
    assert.equal(readNumber(text, { country }).e164, e164, text);
  }
});

test('they are shown with their spaces', () => {
  assert.equal(readNumber('2025550143', us).shown, '+1 202 555 0143');
  assert.equal(formatWhileTyping('0612345', 'FR'), '06 12 34 5');
});

test('what is no number is told, and nothing is no fault', () => {
  assert.equal(readNumber('', us).code, null);
  assert.equal(readNumber('   ', us).ok, false);
  for (const text of ['123', 'call me', '+1 202 555', '+999 12345678'])
    assert.equal(readNumber(text, us).code, 'phone_invalid', text);
});

test('countries that are not called are told apart', () => {
  const options = { country: 'US', allowed: ['US', 'FR'] };
  assert.equal(readNumber('+44 20 7946 0958', options).code, 'phone_country');
  assert.equal(readNumber('06 12 34 56 78', { country: 'FR', allowed: ['US', 'FR'] }).ok, true);
  assert.equal(readNumber('+44 20 7946 0958', { country: 'US', allowed: [] }).ok, true);
});
