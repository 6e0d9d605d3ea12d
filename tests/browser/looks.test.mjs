// How the page looks and reads, in every state: contrast, names, keyboard, movement, width, weight.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { launch, openPage, phase, until, waitForPhase } from './support/browser.js';
import { ContractServer } from './support/contract_server.js';
import { poorContrast, poorNames, watchShifts } from './support/looks.js';
import { STATES, showState } from './support/states.js';
import { bundle, VENDORED } from './support/vendor.js';

let server;
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());
beforeEach(async () => {
  server = await new ContractServer().listen();
});
afterEach(() => server.close());

describe('in every state', () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const language of ['en-US', 'fr-FR']) {
      test(`contrast, names and width: ${colorScheme}, ${language}`, async () => {
        for (const state of STATES) {
          const page = await openPage(browser, server.origin, {
            colorScheme,
            language,
            viewport: { width: 360, height: 740 },
            reducedMotion: 'reduce',
          });
          await showState(page, server, state);
          assert.deepEqual(await page.evaluate(poorContrast, 4.5), [], state);
          assert.deepEqual(await page.evaluate(poorNames), [], state);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= 360, `${state}: ${width} px wide`);
          await page.context().close();
        }
      });
    }
  }
});

test('the checks find what they are for', async () => {
  const page = await openPage(browser, server.origin);
  await page.evaluate(() => {
    document.getElementById('status-text').style.color = '#999';
    document.getElementById('mute-label').textContent = '';
  });
  assert.equal((await page.evaluate(poorContrast, 4.5)).length, 1);
  assert.equal((await page.evaluate(poorNames)).length, 1);
  await page.context().close();
});

for (const [name, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 360, height: 740 }],
]) {
  test(`nothing jumps through a whole talk, ${name}`, async () => {
    const context = await browser.newContext({ viewport, locale: 'fr-FR' });
    await context.addInitScript(watchShifts);
    const page = await context.newPage();
    await page.goto(server.origin);
    await page.waitForSelector('html[data-ready]');
    await page.waitForTimeout(400);
    for (const state of ['speaking', 'on_phone', 'call_ended']) await showState(page, server, state);
    await page.waitForTimeout(300);
    const shifted = await page.evaluate(() =>
      window.shifted.filter(({ what }) => !what.every((one) => /^(turn|divider|turns|who|said|cut)/.test(one))),
    );
    const sum = shifted.reduce((total, { value }) => total + value, 0);
    assert.ok(sum < 0.01, JSON.stringify(shifted));
    await context.close();
  });
}

test('all by keyboard: in reading order, with a visible focus', async () => {
  const page = await openPage(browser, server.origin);
  const order = [];
  for (let i = 0; i < 14; i += 1) {
    await page.keyboard.press('Tab');
    order.push(
      await page.evaluate(
        () => document.activeElement.id || document.activeElement.dataset.language || document.activeElement.className,
      ),
    );
  }
  assert.deepEqual(order.slice(0, 11), [
    'skip',
    'open-diagnostics',
    'en',
    'fr',
    'talk',
    'type',
    'scroll',
    'first-name',
    'last-name',
    'phone',
    'consent',
  ]);
  await page.focus('#talk');
  await page.keyboard.press('Enter');
  await waitForPhase(page, 'listening');
  await page.waitForTimeout(500);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'mute');
  await page.keyboard.press('Space');
  assert.equal(await page.getAttribute('#mute', 'aria-pressed'), 'true');
  await page.focus('#talk');
  await page.keyboard.press('Space');
  await waitForPhase(page, 'ended');
  await page.context().close();
});

test('states are announced, faults as alerts', async () => {
  const page = await openPage(browser, server.origin);
  const role = (id) =>
    page.evaluate(
      (of) => [document.getElementById(of).getAttribute('role'), document.getElementById(of).getAttribute('aria-live')],
      id,
    );
  assert.deepEqual(await role('status'), ['status', 'polite']);
  assert.deepEqual(await role('status-error'), ['alert', null]);
  const texts = new Set();
  for (const state of STATES) {
    const fresh = await openPage(browser, server.origin);
    await showState(fresh, server, state);
    texts.add(await fresh.textContent('#status-text'));
    await fresh.context().close();
  }
  assert.equal(texts.size, 9, [...texts].join(', '));
  await page.context().close();
});

test('speaks the browser’s language, and the other on request, in mid-talk too', async () => {
  const page = await openPage(browser, server.origin, { language: 'fr-CA' });
  assert.equal(await page.textContent('#talk-label'), 'Parler');
  assert.equal(await page.getAttribute('html', 'lang'), 'fr');
  await showState(page, server, 'speaking');
  assert.equal(server.session.language, 'fr');
  await page.click('[data-language="en"]');
  await until(async () => (await page.textContent('#status-text')) === 'Speaking', 'English');
  assert.equal(await page.textContent('.who >> nth=0'), 'Agent');
  assert.equal(await phase(page), 'speaking');
  await page.context().close();
});

test('calm where the visitor asks for it: nothing is animated', async () => {
  const page = await openPage(browser, server.origin, { reducedMotion: 'reduce' });
  const picture = () => page.evaluate(() => document.getElementById('orb').toDataURL());
  await page.waitForTimeout(1500);
  const first = await picture();
  await page.waitForTimeout(400);
  assert.equal(await picture(), first);
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await page.context().close();
});

test('under 300 KB with a talk over each connection, from this host alone, and a clean console', async () => {
  const page = await openPage(browser, `${server.origin}/?transport=websocket`);
  await page.click('#talk');
  await waitForPhase(page, 'listening');
  const sizes = {};
  for (const url of new Set(page.seen.requests.filter((one) => one.startsWith('http')))) {
    const { origin, pathname } = new URL(url);
    assert.equal(origin, server.origin);
    if (pathname.startsWith('/api') || pathname.startsWith('/session')) continue;
    sizes[pathname] = (
      await readFile(
        new URL(`../../examples/server/web${pathname === '/' ? '/index.html' : pathname}`, import.meta.url),
      )
    ).length;
  }
  // Chromium does not tell playwright of worklets, and connection 2 loads two more.
  for (const name of [
    'capture_worklet.js',
    'capture_frames.js',
    'playback_worklet.js',
    'playback_queue.js',
    'transport_ephemeral.js',
    'model_events.js',
  ]) {
    sizes[`/${name}`] = (await readFile(new URL(`../../examples/server/web/${name}`, import.meta.url))).length;
  }
  const sum = Object.values(sizes).reduce((total, size) => total + size, 0);
  assert.ok(Object.keys(sizes).length > 25, Object.keys(sizes).join(' '));
  assert.ok(sum < 300 * 1024, `${sum} bytes`);
  console.log(`page weight: ${sum} bytes in ${Object.keys(sizes).length} files, uncompressed`);
  assert.deepEqual(page.seen.errors, []);
  await page.context().close();
});

test('what is vendored is made of what npm has', async () => {
  assert.equal(await readFile(VENDORED, 'utf8'), await bundle());
});
