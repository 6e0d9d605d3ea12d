// Debian's Chromium, driven by playwright-core, with a microphone that is a file.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const CHROMIUM = process.env.CHROMIUM ?? PATHS.find((path) => existsSync(path));

/** `microphone`: a WAV file; "refused" or "missing"; undefined: Chromium's beeps. `args`: further flags. */
export async function launch({ microphone, args = [], loop = false } = {}) {
  const flags = [
    '--no-sandbox',
    '--allow-loopback-in-peer-connection', // Without it, and without another network, no candidates.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    '--autoplay-policy=document-user-activation-required',
    ...args,
  ];
  if (microphone !== 'missing') flags.push('--use-fake-device-for-media-stream');
  flags.push(`--use-fake-ui-for-media-stream${microphone === 'refused' ? '=deny' : ''}`);
  if (microphone && microphone !== 'refused' && microphone !== 'missing') {
    // Chromium says nothing about a file that is not there, and records silence.
    if (!existsSync(microphone)) throw new Error(`no such WAV: ${microphone}`);
    flags.push(`--use-file-for-fake-audio-capture=${microphone}${loop ? '' : '%noloop'}`);
  }
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: flags });
}

/**
 * A browser as a person has it: the tab in front hides the others. Playwright tells every page that it is seen
 * and has the focus, except where it only joins a browser and is asked to leave all as it is.
 */
export async function launchWithTabs() {
  const port = await freePort();
  const browser = await launch({ args: [`--remote-debugging-port=${port}`] });
  const joined = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  return {
    openTab: () => joined.contexts()[0].newPage(),
    close: async () => {
      await joined.close();
      await browser.close();
    },
  };
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A page whose console and network are kept: `page.seen` = {errors, requests, bodies}. */
export async function openPage(browser, url, { language = 'en-US', ...options } = {}) {
  const context = await browser.newContext({ locale: language, viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.seen = { errors: [], requests: [] };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.seen.errors.push(message.text());
  });
  page.on('pageerror', (error) => page.seen.errors.push(String(error)));
  page.on('request', (request) => page.seen.requests.push(request.url()));
  await page.goto(url);
  await page.waitForSelector('html[data-ready]');
  return page;
}

export const phase = (page) => page.getAttribute('#page', 'data-phase');

/** Waits for `selector`; says what the page shows instead otherwise. */
async function waitFor(page, selector, what, timeout) {
  try {
    return await page.waitForSelector(selector, { timeout });
  } catch (error) {
    const shown = await page.locator('#status, #status-error').allInnerTexts();
    throw new Error(`waited for ${what}, and the page is in ${await phase(page)}: ${shown.join(' ')}`, { cause: error });
  }
}

export const waitForPhase = (page, wanted, timeout = 30000) =>
  waitFor(page, `#page[data-phase="${wanted}"]`, wanted, timeout);
/** The talk is on: connected, whoever speaks. */
export const waitForTalk = (page, timeout = 45000) =>
  waitFor(page, '#page[data-live="true"]:not([data-phase="connecting"])', 'the talk', timeout);

/** Waits until `probe()` is truthy; says what it waited for otherwise. */
export async function until(probe, what, timeout = 30000) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`timed out waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Speech from espeak-ng with silence around: [["words", msOfSilenceBefore], …] as one WAV at `path`. */
export function speechFile(path, parts) {
  const pieces = parts.map(([words]) =>
    execFileSync('espeak-ng', ['--stdout', '-s', '150', words], { maxBuffer: 1 << 24 }),
  );
  const rate = pieces[0].readUInt32LE(24);
  const chunks = [];
  parts.forEach(([, before], index) =>
    chunks.push(Buffer.alloc(Math.round((before / 1000) * rate) * 2), pieces[index].subarray(44)),
  );
  chunks.push(Buffer.alloc(rate)); // Ends in silence: the last 10 ms are repeated for ever.
  const data = Buffer.concat(chunks);
  const header = Buffer.from(pieces[0].subarray(0, 44));
  header.writeUInt32LE(36 + data.length, 4);
  header.writeUInt32LE(data.length, 40);
  return { path, bytes: Buffer.concat([header, data]), ms: Math.round((data.length / 2 / rate) * 1000) };
}
