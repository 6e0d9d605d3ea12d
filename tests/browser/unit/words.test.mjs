import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import test from 'node:test';
import { chooseLanguage, LANGUAGES, translator } from '../../../examples/server/web/i18n.js';
import { PHASES } from '../../../examples/server/web/state.js';
import en from '../../../examples/server/web/words_en.js';
import fr from '../../../examples/server/web/words_fr.js';

const WEB = new URL('../../../examples/server/web/', import.meta.url);
const sources = {};
for (const name of await readdir(WEB))
  if (/\.(js|html)$/.test(name)) sources[name] = await readFile(new URL(name, WEB), 'utf8');

test('both languages have the same words, none empty, with the same places to fill', () => {
  assert.deepEqual(Object.keys(fr), Object.keys(en));
  const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of Object.keys(en)) {
    assert.ok(en[key].trim() && fr[key].trim(), key);
    assert.deepEqual(places(fr[key]), places(en[key]), key);
  }
});

/** Keys that the sources name, and those that are put together from a name. */
function usedKeys() {
  const used = new Set();
  for (const [name, text] of Object.entries(sources)) {
    if (name.startsWith('words_')) continue;
    for (const [, key] of text.matchAll(/data-t(?:-label|-hint)?="(\w+)"/g)) used.add(key);
    for (const [, key] of text.matchAll(/'([a-z]+(?:_[a-z0-9]+)*)'/g)) if (key in en) used.add(key);
    for (const [, key] of text.matchAll(/\bt\('(\w+)'/g)) used.add(key);
  }
  for (const phase of PHASES) used.add(`phase_${phase}`);
  return used;
}

test('every word that the page asks for is there', () => {
  for (const key of usedKeys()) assert.ok(key in en, key);
});

test('no word is there that nobody asks for', () => {
  const used = usedKeys();
  const puttogether = /^(phase|detail|error|transport|step|call_reason|diag)_/;
  assert.deepEqual(
    Object.keys(en).filter((key) => !used.has(key) && !puttogether.test(key)),
    [],
  );
});

test('every fault that the sources can raise has a text that says what to do', () => {
  const codes = new Set(['expired', 'talk_failed', 'silent']);
  for (const text of Object.values(sources)) {
    for (const [, code] of text.matchAll(/new PageError\('(\w+)'/g)) codes.add(code);
  }
  const tables = `${sources['session_api.js']}${sources['microphone.js']}`;
  for (const [, code] of tables.matchAll(/: '((?:mic_\w+|expired|forbidden|too_many|unavailable))'/g)) codes.add(code);
  assert.ok(codes.size >= 12);
  for (const code of codes) assert.ok(`error_${code}` in en, code);
});

test('the language is the first of the browser that there is', () => {
  assert.equal(chooseLanguage(['de-DE', 'fr-CA', 'en']), 'fr');
  assert.equal(chooseLanguage(['', 'en-GB', 'fr']), 'en');
  assert.equal(chooseLanguage(['de', 'ja']), 'en');
  assert.equal(chooseLanguage([]), 'en');
  assert.deepEqual(LANGUAGES, ['en', 'fr']);
});

test('places are filled, unknown ones and unknown words shown as they are', () => {
  const t = translator({ greet: 'Hello {name}, {missing}' });
  assert.equal(t('greet', { name: 'Ada' }), 'Hello Ada, {missing}');
  assert.equal(t('nothing'), 'nothing');
});
