// The page when things go wrong, before a server that does what the test says (support/contract_server.js).
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { launch, launchWithTabs, openPage, phase, until, waitForPhase } from './support/browser.js';
import { ContractServer } from './support/contract_server.js';
import { nothingHeld } from './support/leaks.js';

let server;
beforeEach(async () => {
  server = await new ContractServer().listen();
});
afterEach(() => server.close());

const errorText = (page) => page.textContent('#status-error');

/** A page in a talk. */
async function talking(browser, path = '/', options) {
  const page = await openPage(browser, server.origin + path, options);
  await page.click('#talk');
  await waitForPhase(page, 'listening');
  return page;
}

describe('with a microphone', () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  test('a double click starts one session, and does not end it', async () => {
    const page = await openPage(browser, server.origin);
    await page.dblclick('#talk');
    await waitForPhase(page, 'listening');
    assert.equal(server.sessions.length, 1);
    assert.equal(server.session.ended, null);
    await page.context().close();
  });

  test('two starts at once from the page itself are one session', async () => {
    const page = await openPage(browser, server.origin);
    await page.evaluate(() => {
      document.getElementById('type').click();
      document.getElementById('type').click();
      document.getElementById('type').click();
    });
    await waitForPhase(page, 'listening');
    assert.equal(server.sessions.length, 1);
    await page.context().close();
  });

  test('the server is down: says so, and works when it is back', async () => {
    const page = await openPage(browser, server.origin);
    const { port } = server;
    await server.close();
    await page.click('#talk');
    await waitForPhase(page, 'error');
    assert.match(await errorText(page), /server cannot be reached/);
    assert.equal(await page.textContent('#talk-label'), 'Try again');
    await nothingHeld(page);
    server = await new ContractServer().listen(port);
    await page.click('#talk');
    await waitForPhase(page, 'listening');
    assert.equal(await errorText(page), '');
    await page.context().close();
  });

  for (const [status, code, headers, words, tries] of [
    [429, 'resource_exhausted', { 'Retry-After': '42' }, /42 seconds/, 1],
    [403, 'permission_denied', {}, /may not start talks/, 1],
    [503, 'unavailable', {}, /voice service cannot be used/, 3],
  ]) {
    test(`the server answers ${status}: says what to do`, async () => {
      const page = await openPage(browser, server.origin);
      server.refuse = { status, code, headers };
      await page.click('#talk');
      await waitForPhase(page, 'error');
      assert.match(await errorText(page), words);
      assert.equal(server.requests.filter((one) => one === 'POST /session').length, tries);
      await nothingHeld(page);
      await page.context().close();
    });
  }

  test('the session expires in mid-talk', async () => {
    const page = await talking(browser);
    server.session.state('ended', 'expired');
    server.session.emit({ type: 'bye', reason: 'expired' });
    await waitForPhase(page, 'error');
    assert.match(await errorText(page), /expired.*Try again/);
    await nothingHeld(page);
    await page.click('#talk');
    await waitForPhase(page, 'listening');
    assert.equal(server.sessions.length, 2);
    await page.context().close();
  });

  test('the token is not taken any more when the events are asked for again', async () => {
    const page = await talking(browser);
    server.expired = true;
    for (const socket of server.session.sockets) socket.terminate();
    await waitForPhase(page, 'error');
    assert.match(await errorText(page), /expired/);
    await nothingHeld(page);
    await page.context().close();
  });

  test('a lost events socket heals, and nothing is shown twice or missed', async () => {
    const page = await talking(browser);
    const { session } = server;
    session.emit({ type: 'transcript', who: 'agent', turn: 'a', text: 'One.', final: true });
    await page.waitForSelector('.turn');
    for (const socket of session.sockets) socket.terminate();
    session.emit({ type: 'transcript', who: 'visitor', turn: 'b', text: 'Two.', final: true });
    await until(() => session.sockets.size > 0, 'the socket to come back');
    session.emit({ type: 'transcript', who: 'agent', turn: 'c', text: 'Three.', final: true });
    await until(async () => (await page.locator('.turn').count()) === 3, 'three turns');
    assert.deepEqual(await page.locator('.said').allTextContents(), ['One.', 'Two.', 'Three.']);
    assert.equal(await phase(page), 'listening');
    assert.equal(server.sessions.length, 1);
    await page.context().close();
  });

  test('lost media: reconnects once, then says so', async () => {
    const page = await talking(browser);
    await page.fill('#first-name', 'Ada');
    await page.fill('#last-name', 'Lovelace');
    await page.fill('#phone', '202 555 0143');
    await page.press('#phone', 'Tab');
    await until(() => server.session.received.some(({ type }) => type === 'lead'), 'the lead');
    server.session.peer.close();
    await until(() => server.sessions.length === 2, 'a second session');
    await waitForPhase(page, 'listening');
    assert.deepEqual(await page.locator('.divider').allTextContents(), ['Connected again']);
    const lead = await until(
      () => server.session.received.find(({ type }) => type === 'lead'),
      'the lead, told to the new session',
    );
    assert.equal(lead.phone, '+12025550143');
    assert.ok(server.sessions[0].ended, 'the first session is ended at the server');
    server.session.peer.close();
    await waitForPhase(page, 'error');
    assert.match(await errorText(page), /lost twice/);
    assert.equal(server.sessions.length, 2);
    await nothingHeld(page);
    await page.context().close();
  });

  test('a lost WebSocket with the audio: the same', async () => {
    const page = await talking(browser, '/?transport=websocket');
    for (const socket of server.session.sockets) socket.terminate();
    await until(() => server.sessions.length === 2, 'a second session');
    await waitForPhase(page, 'listening');
    for (const socket of server.session.sockets) socket.terminate();
    await waitForPhase(page, 'error');
    assert.match(await errorText(page), /lost twice/);
    await nothingHeld(page);
    await page.context().close();
  });

  test('a network that swallows UDP: goes on over the server within the time-out, and audio flows', async () => {
    server.deadMedia = true;
    const page = await openPage(browser, server.origin);
    const began = Date.now();
    await page.click('#talk');
    await waitForPhase(page, 'listening');
    assert.ok(Date.now() - began < 15000);
    assert.deepEqual(
      server.sessions.map(({ mode }) => mode),
      ['webrtc', 'websocket'],
    );
    assert.equal(await page.textContent('#transport'), 'Audio through the server');
    await until(() => server.session.heard.loudest > 0.02, 'the microphone at the server');
    assert.ok(server.sessions[0].ended, 'the abandoned session is ended');
    await page.context().close();
  });

  test('a browser whose audio does not load: told within the time-out, and the session is given back', async () => {
    const page = await openPage(browser, `${server.origin}/?transport=websocket`);
    await page.evaluate(() => {
      AudioWorklet.prototype.addModule = () => new Promise(() => {});
    });
    await page.click('#talk');
    await waitForPhase(page, 'error', 18000);
    assert.match(await errorText(page), /took too long/);
    await until(() => server.session.ended, 'the end of the session at the server');
    await nothingHeld(page);
    await page.context().close();
  });

  test('a browser whose sound device does not start: the talk begins without it', async () => {
    const page = await openPage(browser, server.origin);
    await page.evaluate(() => {
      Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' });
      AudioContext.prototype.resume = () => new Promise(() => {});
    });
    await page.click('#talk');
    await waitForPhase(page, 'listening');
    await page.context().close();
  });

  test('where only direct audio was asked for, a dead network is told', async () => {
    server.deadMedia = true;
    const page = await openPage(browser, `${server.origin}/?transport=webrtc`);
    await page.click('#talk');
    await waitForPhase(page, 'error', 18000);
    assert.match(await errorText(page), /blocks audio/);
    await nothingHeld(page);
    await page.context().close();
  });

  for (const transport of ['webrtc', 'websocket']) {
    test(`leaving the page ends the session at the server, by ${transport}`, async () => {
      const page = await talking(browser, `/?transport=${transport}`);
      await page.goto('about:blank');
      await until(() => server.session.ended, 'the beacon');
      assert.equal(server.session.ended, 'beacon');
      await page.context().close();
    });

    test(`20 sessions one after another leave nothing behind, by ${transport}`, async () => {
      const page = await openPage(browser, `${server.origin}/?transport=${transport}`);
      for (let round = 0; round < 20; round += 1) {
        await page.click('#talk');
        await waitForPhase(page, 'listening');
        await page.waitForTimeout(500); // Sooner it would be a double click.
        await page.click('#talk');
        await waitForPhase(page, 'ended');
      }
      await nothingHeld(page);
      assert.equal(server.sessions.length, 20);
      await until(
        () => server.sessions.every(({ ended, sockets }) => ended && sockets.size === 0),
        'all sessions to end',
      );
      assert.deepEqual(page.seen.errors, []);
      await page.context().close();
    });
  }

  test('mute silences the microphone at the far end, and says so', async () => {
    const page = await talking(browser);
    await until(() => server.session.heard.loudest > 0.02, 'the microphone');
    await page.click('#mute');
    assert.equal(await page.getAttribute('#mute', 'aria-pressed'), 'true');
    assert.equal(await page.textContent('#status-detail'), 'You are muted.');
    await page.waitForTimeout(300);
    server.session.heard.loudest = 0;
    const before = server.session.heard.packets;
    await until(() => server.session.heard.packets > before + 40, 'packets');
    assert.ok(server.session.heard.loudest < 0.001, String(server.session.heard.loudest));
    await page.click('#mute');
    await until(() => server.session.heard.loudest > 0.02, 'the microphone again');
    await page.context().close();
  });

  test('an interruption stops the sound and tells exactly what was played', async () => {
    const page = await talking(browser, '/?transport=websocket');
    const { session } = server;
    session.speak(6000);
    session.emit({ type: 'mark', name: 'end of the line' });
    await until(() => session.played > 24000, 'a second to be played');
    const meter = () => page.getAttribute('#meter-agent', 'aria-valuenow').then(Number);
    await until(async () => (await meter()) > 30, 'sound');
    session.emit({ type: 'clear' });
    const dropped = await until(() => session.received.find(({ type }) => type === 'played'), 'the mark');
    assert.deepEqual(dropped, { type: 'played', name: 'end of the line', dropped: true });
    const at = session.played;
    assert.ok(at > 24000 && at < 6 * 24000, `${at} samples`);
    await until(async () => (await meter()) < 5, 'silence');
    assert.equal(session.played, at, 'silence is not played');
    session.speak(400);
    session.emit({ type: 'mark', name: 'second' });
    await until(
      () => session.received.some(({ name, dropped: gone }) => name === 'second' && !gone),
      'the second line to be heard',
    );
    await until(() => session.played === at + 400 * 24, `${at + 400 * 24} samples, not ${session.played}`);
    await page.context().close();
  });
});

describe('behind another tab', () => {
  for (const transport of ['webrtc', 'websocket']) {
    test(`the talk goes on both ways; in front again, it is as before, by ${transport}`, async () => {
      const browser = await launchWithTabs();
      try {
        const page = await browser.openTab();
        await page.goto(`${server.origin}/?transport=${transport}`);
        await page.waitForSelector('html[data-ready]');
        await page.click('#talk');
        await waitForPhase(page, 'listening');
        const { session } = server;
        const isSeen = (state) => until(() => page.evaluate((is) => document.visibilityState === is, state), state);
        await (await browser.openTab()).bringToFront();
        await isSeen('hidden');
        const before = session.heard.packets;
        session.heard.loudest = 0;
        await until(() => session.heard.packets > before + 50, 'audio while hidden');
        await until(() => session.heard.loudest > 0.02, 'the microphone while hidden');
        session.state('speaking');
        if (transport === 'websocket') {
          session.speak(3000);
          await until(() => session.played >= 24000, 'a second to be played while hidden');
        }
        assert.equal(session.ended, null);
        await page.bringToFront();
        await isSeen('visible');
        await waitForPhase(page, 'speaking');
        assert.equal(server.sessions.length, 1);
        await page.click('#talk');
        await waitForPhase(page, 'ended');
      } finally {
        await browser.close();
      }
    });
  }
});

describe('without one', () => {
  for (const [microphone, words] of [
    ['refused', /microphone is blocked.*type instead/],
    ['missing', /No microphone was found.*type instead/],
  ]) {
    test(`${microphone}: says what to do, and typing is a way in`, async () => {
      const browser = await launch({ microphone });
      try {
        const page = await openPage(browser, server.origin);
        await page.click('#talk');
        await waitForPhase(page, 'error');
        assert.match(await errorText(page), words);
        assert.equal(server.sessions.length, 0, 'no session without a way to talk');
        assert.equal(await page.getAttribute('#type', 'data-offered'), 'true');
        await page.click('#type');
        await waitForPhase(page, 'listening');
        await page.fill('#message', 'My boiler makes a noise.');
        await page.keyboard.press('Enter');
        await until(
          () =>
            server.session.received.some(({ type, text }) => type === 'text' && text === 'My boiler makes a noise.'),
          'the message',
        );
        await page.waitForSelector('.turn.mine');
        assert.equal(await page.getAttribute('#scroll', 'aria-live'), 'polite');
        await page.click('#talk');
        await waitForPhase(page, 'ended');
        await nothingHeld(page);
      } finally {
        await browser.close();
      }
    });
  }

  test('a prompt that nobody answers can be given up', async () => {
    const browser = await launch();
    try {
      const context = await browser.newContext();
      await context.addInitScript(() => {
        navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
      });
      const page = await context.newPage();
      await page.goto(server.origin);
      await page.waitForSelector('html[data-ready]');
      await page.click('#talk');
      await waitForPhase(page, 'connecting');
      await page.waitForTimeout(500); // Sooner it would be a double click.
      await page.click('#talk');
      await waitForPhase(page, 'ended');
      assert.equal(server.sessions.length, 0);
      await nothingHeld(page);
    } finally {
      await browser.close();
    }
  });

  test('a browser that may not use UDP at all: over the server, at once', async () => {
    const browser = await launch({ args: ['--webrtc-ip-handling-policy=disable_non_proxied_udp'] });
    try {
      const page = await openPage(browser, server.origin);
      const began = Date.now();
      await page.click('#talk');
      await waitForPhase(page, 'listening');
      assert.ok(Date.now() - began < 5000, 'without waiting for a time-out');
      assert.equal(server.session.mode, 'websocket');
      await until(() => server.session.heard.loudest > 0.02, 'the microphone at the server');
    } finally {
      await browser.close();
    }
  });
});
