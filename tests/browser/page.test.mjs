// What the page shows and takes, before a server that does what the test says (support/contract_server.js).
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, openPage, phase, until, waitForPhase } from './support/browser.js';
import { ContractServer } from './support/contract_server.js';
import { nothingHeld } from './support/leaks.js';

let server;
beforeEach(async () => {
  server = await new ContractServer().listen();
});
afterEach(() => server.close());

/** A page in a talk. */
async function talking(browser, path = '/', options) {
  const page = await openPage(browser, server.origin + path, options);
  await page.click('#talk');
  await waitForPhase(page, 'listening');
  return page;
}

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test('what is said is text, whatever it looks like', async () => {
  const page = await talking(browser);
  const evil = '<img src=x onerror="document.title=1"><b>bold</b>';
  server.session.emit({ type: 'transcript', who: 'agent', turn: 'a', text: evil, final: true });
  server.session.emit({
    type: 'lead',
    lead: { lead_id: '1', first_name: evil, last_name: '', phone: '', consent: false },
  });
  await page.waitForSelector('.said');
  assert.equal(await page.textContent('.said'), evil);
  assert.equal(await page.locator('.said img, .said b').count(), 0);
  assert.equal(await page.inputValue('#first-name'), evil);
  await page.context().close();
});

test('the card: filled in by the agent, corrected by hand, called only with consent and a good number', async () => {
  const page = await talking(browser);
  const { session } = server;
  session.emit({
    type: 'lead',
    lead: { lead_id: '1', first_name: 'Ada', last_name: 'Lovelace', phone: '+12025550143', consent: false },
  });
  await until(async () => (await page.inputValue('#phone')) === '+1 202 555 0143', 'the number, formatted');
  assert.equal(await page.isDisabled('#call-me'), true);
  await page.fill('#phone', '123');
  await page.press('#phone', 'Tab');
  assert.equal(await page.getAttribute('#phone', 'aria-invalid'), 'true');
  assert.match(await page.textContent('#phone-note'), /no complete phone number/);
  await page.fill('#phone', '+44 20 7946 0958');
  await page.press('#phone', 'Tab');
  assert.match(await page.textContent('#phone-note'), /cannot call numbers of this country.*US, FR/);
  assert.equal(session.received.filter(({ type }) => type === 'lead').length, 0, 'no bad number is sent');
  await page.fill('#phone', '');
  await page.type('#phone', '2025550199');
  assert.equal(await page.inputValue('#phone'), '(202) 555-0199');
  await page.press('#phone', 'Tab');
  await page.check('#consent');
  await page.click('#call-me');
  const leads = await until(
    () =>
      session.received.some(({ type }) => type === 'call') && session.received.filter(({ type }) => type === 'lead'),
    'the call',
  );
  assert.deepEqual(leads.at(-1), {
    type: 'lead',
    first_name: 'Ada',
    last_name: 'Lovelace',
    phone: '+12025550199',
    consent: true,
  });
  await page.context().close();
});

test('the answer to an edit does not undo a later one', async () => {
  const page = await talking(browser);
  const { session } = server;
  server.holdLeads = true;
  await page.fill('#first-name', 'Ada');
  await page.fill('#last-name', 'Lovelace');
  await page.fill('#phone', '202 555 0143');
  await page.press('#phone', 'Tab');
  const sent = () => session.received.filter(({ type }) => type === 'lead');
  await until(() => sent().length === 1, 'the first edit');
  await page.check('#consent');
  await until(() => sent().length === 2, 'both edits');
  session.emit({ type: 'lead', lead: { lead_id: '1', ...sent()[0] } });
  session.emit({ type: 'state', state: 'thinking' });
  await waitForPhase(page, 'thinking');
  assert.equal(await page.isChecked('#consent'), true);
  session.emit({ type: 'lead', lead: { lead_id: '1', ...sent()[1] } });
  session.emit({ type: 'lead', lead: { lead_id: '1', ...sent()[1], first_name: 'Augusta' } });
  await until(async () => (await page.inputValue('#first-name')) === 'Augusta', 'what the agent saves later');
  await page.context().close();
});

test('a microphone that goes away in mid-talk: the talk goes on by typing', async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => (window.microphone = await open(wanted));
  });
  const page = await context.newPage();
  await page.goto(server.origin);
  await page.waitForSelector('html[data-ready]');
  await page.click('#talk');
  await waitForPhase(page, 'listening');
  // As the browser does when the device is unplugged; a script's own stop() is not told.
  await page.evaluate(() => window.microphone.getTracks()[0].dispatchEvent(new Event('ended')));
  assert.match(await page.textContent('#status-detail'), /microphone is gone.*typing/);
  assert.equal(await page.isDisabled('#message'), false);
  assert.equal(await page.isDisabled('#mute'), true);
  await context.close();
});

test('the call: each step is shown, the page stays with it after the talk, and its words come at the end', async () => {
  const page = await talking(browser);
  const { session } = server;
  const step = () => page.getAttribute('[aria-current="step"]', 'data-step');
  session.emit({ type: 'call', call_id: 'c', state: 'dialing' });
  session.state('ended', 'agent');
  await waitForPhase(page, 'calling');
  assert.equal(await page.isDisabled('#talk'), true);
  for (const state of ['ringing', 'answered', 'talking']) {
    session.emit({ type: 'call', call_id: 'c', state });
    await until(async () => (await step()) === state, state);
  }
  assert.equal(await phase(page), 'on_phone');
  session.emit({
    type: 'call',
    call_id: 'c',
    state: 'ended',
    transcript: [
      { who: 'agent', text: 'Hello Ada.' },
      { who: 'lead', text: 'Hello.' },
      { who: 'agent', text: 'It is', cut: true },
    ],
  });
  session.emit({ type: 'bye', reason: 'agent' });
  await waitForPhase(page, 'ended');
  assert.deepEqual(await page.locator('.divider').allTextContents(), ['On the phone']);
  assert.deepEqual(await page.locator('.who').allTextContents(), [
    'Agent, on the phone',
    'You, on the phone',
    'Agent, on the phone',
  ]);
  assert.equal(await page.locator('.cut').count(), 1);
  await nothingHeld(page);
  await page.context().close();
});

test('the diagnostics: each step with its time, and as JSON', async () => {
  const page = await openPage(browser, server.origin, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.click('#open-diagnostics');
  await until(
    async () =>
      (await page.locator('.check').count()) === 8 &&
      (await page.locator('.check[data-state="running"]').count()) === 0,
    'eight checks',
  );
  const states = Object.fromEntries(
    await page.locator('.check').evaluateAll((all) => all.map((one) => [one.dataset.check, one.dataset.state])),
  );
  assert.deepEqual(states, {
    secure: 'ok',
    webrtc: 'ok',
    page_config: 'ok',
    server: 'ok',
    openai: 'ok',
    carrier: 'bad',
    microphone: 'ok',
    session: 'ok',
  });
  assert.match(await page.textContent('[data-check="carrier"]'), /Set TELNYX_API_KEY/);
  assert.match(await page.textContent('[data-check="session"]'), /Direct audio/);
  await page.click('#copy-diagnostics');
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  assert.equal(copied.checks.length, 8);
  assert.ok(copied.checks.every(({ ms, ok }) => Number.isInteger(ms) && typeof ok === 'boolean'));
  await until(() => server.sessions.every(({ ended }) => ended), 'its session to be ended');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#diagnostics[open]').count(), 0);
  await nothingHeld(page);
  await page.context().close();
});
