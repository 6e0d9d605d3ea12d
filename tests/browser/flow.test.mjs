// The whole way, with the real server: button, talk, interruption, lead, consent, phone call, transcript; by each
// of the three connections. OpenAI is support/openai_front.js, the carrier is voicebridge-sim.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, openPage, until, waitForPhase, waitForTalk } from './support/browser.js';
import { nothingHeld } from './support/leaks.js';
import { LONG_LINE, VISITOR, visitorVoice } from './support/scenario.js';
import { KEY, SERVICE_KEY, Stage, TELNYX_KEY } from './support/stage.js';
import { watchTraffic } from './support/traffic.js';

const folder = mkdtempSync(join(tmpdir(), 'voicebridge-voice-'));
let voice;
before(() => {
  voice = visitorVoice(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const said = (page, who) => page.locator(`.turn[data-who="${who}"] .said > span:first-child`).allTextContents();

/** Each step of the phone call that the page has shown, however short. */
async function watchSteps(page) {
  await page.evaluate(() => {
    window.steps = [];
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        if (target.hasAttribute('aria-current')) window.steps.push(target.dataset.step);
      }
    }).observe(document.getElementById('steps'), { attributeFilter: ['aria-current'], subtree: true });
  });
}

/** The loudest that the agent's meter has shown: what the page really hears, by its own analyser. */
async function listenTo(page) {
  await page.evaluate(() => {
    window.loudest = 0;
    setInterval(() => {
      window.loudest = Math.max(
        window.loudest,
        Number(document.getElementById('meter-agent').getAttribute('aria-valuenow')),
      );
    }, 100);
  });
  return () => page.evaluate(() => window.loudest);
}

/** What the model heard of the microphone: the media peer's measure, or the bytes that reached the simulator. */
async function microphoneAtTheModel(stage, transport) {
  if (transport !== 'websocket') return stage.front.call.heard.loudest;
  return (await stage.modelState()).audioReceived / (24000 * 2 * 60);
}

function checkTraffic(traffic, stage, transport) {
  const text = traffic.texts.join('\n');
  assert.ok(text.length > 50000, 'the traffic has been kept');
  for (const secret of [KEY, TELNYX_KEY, SERVICE_KEY])
    assert.ok(!text.includes(secret), `${secret} reached the browser`);
  const hosts = new Set(traffic.urls.map((url) => new URL(url).origin.replace('ws', 'http')));
  hosts.delete(stage.origin);
  if (transport === 'ephemeral') hosts.delete(stage.front.origin); // It is there to talk to the model itself.
  assert.deepEqual([...hosts], []);
  assert.deepEqual(
    traffic.urls.filter((url) => /token|secret|ek_|12025550143/.test(url)),
    [],
    'nothing to hide in an address',
  );
}

for (const transport of ['webrtc', 'ephemeral', 'websocket']) {
  describe(`by ${transport}`, () => {
    test('button, talk, interruption, lead, consent, call, transcript', async () => {
      const stage = await Stage.open();
      const browser = await launch({ microphone: voice, loop: true });
      try {
        const page = await openPage(browser, `${stage.origin}/?transport=${transport}`);
        const traffic = await watchTraffic(page);
        const loudest = await listenTo(page);
        await watchSteps(page);
        await page.click('#talk');
        await waitForPhase(page, 'speaking', 45000);
        await until(async () => (await said(page, 'agent'))[0]?.startsWith('Hello'), 'the greeting');

        await until(
          async () => (await said(page, 'visitor')).includes(VISITOR.opening),
          'what the visitor said',
          30000,
        );
        // The greeting may be cut too, when the visitor happens to begin in it: the long line is what counts.
        const cut = () =>
          page
            .locator('.was-cut .said > span:first-child')
            .allTextContents()
            .then((all) => all.find((text) => text.startsWith(LONG_LINE.slice(0, 10))));
        const heard = await until(cut, 'the interruption', 40000);
        assert.ok(
          LONG_LINE.startsWith(heard.replace(/[.,…]+$/, '')) && heard.length < LONG_LINE.length * 0.9,
          `cut to: ${heard}`,
        );

        await until(async () => (await page.inputValue('#phone')) === '+1 202 555 0143', 'the card', 30000);
        assert.deepEqual(
          [await page.inputValue('#first-name'), await page.inputValue('#last-name'), await page.isChecked('#consent')],
          ['Ada', 'Lovelace', true],
        );
        const [lead] = stage.leads();
        assert.deepEqual([lead.phone_e164, lead.first_name, lead.consent], ['+12025550143', 'Ada', 1]);
        const copied = await until(() => stage.supabase.leads.get('+12025550143'), 'the lead in Supabase');
        assert.deepEqual([copied.first_name, copied.last_name, copied.consent], ['Ada', 'Lovelace', true]);

        await until(async () => (await stage.carrierState()).calls?.length > 0, 'the call at the carrier', 30000);
        const steps = () => page.evaluate(() => window.steps);
        await until(async () => (await steps()).includes('ended'), 'the end of the call', 60000);
        assert.deepEqual(await steps(), ['dialing', 'ringing', 'answered', 'talking', 'ended']);
        await waitForPhase(page, 'ended');
        await until(async () => (await said(page, 'phone_agent')).length >= 3, 'the words of the call');
        assert.equal((await said(page, 'phone_agent'))[0], 'Hello Ada, this is Northwind Heating.');
        assert.deepEqual(await said(page, 'lead'), ['Hello.', 'Tomorrow.']);

        assert.ok((await loudest()) > 40, `the page heard ${await loudest()} of 100`);
        assert.ok(
          (await microphoneAtTheModel(stage, transport)) > 0.05,
          `the model heard ${await microphoneAtTheModel(stage, transport)}`,
        );
        await nothingHeld(page);
        checkTraffic(traffic, stage, transport);
        assert.deepEqual(page.seen.errors, []);
      } catch (error) {
        console.log(stage.server.output.slice(-6000));
        throw error;
      } finally {
        await browser.close();
        await stage.close();
      }
    });
  });
}

describe('with the real server', () => {
  test('the visitor agrees on the card and presses the button: the call goes out', async () => {
    const stage = await Stage.open({ options: { consent: false } });
    const browser = await launch();
    try {
      const page = await openPage(browser, stage.origin);
      await page.click('#type');
      await waitForPhase(page, 'listening', 45000);
      await page.fill('#first-name', 'Ada');
      await page.fill('#last-name', 'Lovelace');
      await page.fill('#phone', '202 555 0143');
      await page.check('#consent');
      await until(async () => (await page.textContent('#lead-saved')) === 'Saved', 'the lead to be saved');
      await page.click('#call-me');
      await until(async () => (await stage.carrierState()).calls?.length > 0, 'the call at the carrier', 45000);
      await page.waitForSelector('[data-step="ended"][data-state="now"]', { timeout: 60000 });
      assert.equal(stage.leads().length, 1);
    } finally {
      await browser.close();
      await stage.close();
    }
  });

  test('key refused: a plain sentence, and no word of the key', async () => {
    const stage = await Stage.open();
    stage.front.refuseKey = true;
    const browser = await launch();
    try {
      const page = await openPage(browser, stage.origin);
      const traffic = await watchTraffic(page);
      await page.click('#talk');
      await waitForPhase(page, 'error', 45000);
      assert.match(await page.textContent('#status-error'), /voice service cannot be used|broke off/);
      assert.ok(!traffic.texts.join('\n').includes(KEY));
      await nothingHeld(page);
    } finally {
      await browser.close();
      await stage.close();
    }
  });

  test('UDP blocked: the talk goes over the server', async () => {
    const stage = await Stage.open();
    stage.front.deadMedia = true;
    const browser = await launch();
    try {
      const page = await openPage(browser, stage.origin);
      await page.click('#talk');
      await page.waitForSelector('#transport[data-transport="websocket"]', { timeout: 15000 });
      await until(async () => (await said(page, 'agent')).length > 0, 'the greeting', 45000);
    } finally {
      await browser.close();
      await stage.close();
    }
  });

  test('the session expires in mid-talk', async () => {
    const stage = await Stage.open({ env: { VOICEBRIDGE_WEB_TOKEN_SECONDS: '3' } });
    const browser = await launch({ microphone: voice, loop: true });
    try {
      const page = await openPage(browser, `${stage.origin}/?transport=ephemeral`);
      await page.click('#talk');
      await waitForPhase(page, 'error', 60000);
      assert.match(await page.textContent('#status-error'), /expired/);
      await nothingHeld(page);
    } finally {
      await browser.close();
      await stage.close();
    }
  });

  test('the server goes down in mid-talk, and is found again when it is back', async () => {
    const stage = await Stage.open();
    const browser = await launch({ microphone: voice, loop: true });
    try {
      const page = await openPage(browser, stage.origin);
      await page.click('#talk');
      await until(async () => (await said(page, 'agent')).length > 0, 'the greeting', 45000);
      await stage.server.kill();
      await waitForPhase(page, 'error', 60000);
      assert.match(await page.textContent('#status-error'), /cannot be reached|lost/);
      await nothingHeld(page);
      await stage.startServer();
      await page.click('#talk');
      await until(
        async () =>
          (await page.getAttribute('#page', 'data-live')) === 'true' && (await said(page, 'agent')).length > 0,
        'another talk',
        30000,
      );
    } finally {
      await browser.close();
      await stage.close();
    }
  });

  for (const transport of ['webrtc', 'ephemeral', 'websocket']) {
    test(`20 sessions one after another leave nothing, at the page and at the server, by ${transport}`, async () => {
      const stage = await Stage.open({ env: { VOICEBRIDGE_WEB_PER_ADDRESS: '3' } });
      const browser = await launch();
      try {
        const page = await openPage(browser, `${stage.origin}/?transport=${transport}`);
        for (let round = 0; round < 20; round += 1) {
          await page.click('#talk');
          await waitForTalk(page);
          await page.waitForTimeout(500); // Sooner it would be a double click.
          await page.click('#talk');
          await waitForPhase(page, 'ended');
          // With three places for this address, a session that is not given back shows at the fourth.
        }
        await nothingHeld(page);
        assert.deepEqual(page.seen.errors, []);
        await until(async () => (await stage.modelState()).open === 0, 'the model’s sessions to end');
        if (transport !== 'websocket')
          assert.ok(stage.front.calls.length === 20 && stage.front.calls.every(({ ended }) => ended));
      } finally {
        await browser.close();
        await stage.close();
      }
    });
  }

  test('leaving the page ends the session at once', async () => {
    const stage = await Stage.open();
    const browser = await launch();
    try {
      const page = await openPage(browser, `${stage.origin}/?transport=websocket`);
      await page.click('#talk');
      await waitForTalk(page);
      await until(async () => (await stage.modelState()).open === 1, 'the model’s session');
      await page.goto('about:blank');
      await until(async () => (await stage.modelState()).open === 0, 'its end', 10000);
    } finally {
      await browser.close();
      await stage.close();
    }
  });

  test('the diagnostics reach all the way', async () => {
    const stage = await Stage.open();
    const browser = await launch();
    try {
      const page = await openPage(browser, `${stage.origin}/?diagnostics`);
      await until(
        async () =>
          (await page.locator('.check').count()) >= 10 &&
          (await page.locator('.check[data-state="running"]').count()) === 0,
        'the checks',
        60000,
      );
      const bad = await page.locator('.check[data-state="bad"]').allTextContents();
      assert.deepEqual(bad, []);
    } finally {
      await browser.close();
      await stage.close();
    }
  });
});
