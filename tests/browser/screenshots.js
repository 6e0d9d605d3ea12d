// See scripts/screenshots.sh.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, openPage } from './support/browser.js';
import { ContractServer } from './support/contract_server.js';
import { STATES, showState } from './support/states.js';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const DEVICES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};
/** Those of the README: name, device, scheme, state. */
const CHOSEN = [
  ['web-page.webp', 'desktop', 'light', 'speaking'],
  ['web-page-call.webp', 'desktop', 'dark', 'call_ended'],
];

async function picture(browser, device, colorScheme, state, language) {
  const server = await new ContractServer().listen();
  const page = await openPage(browser, server.origin, { ...DEVICES[device], colorScheme, language });
  try {
    await showState(page, server, state);
    // The orb has found its shape, and no bubble is still on its way.
    await page.waitForTimeout(900);
    return await page.screenshot({ fullPage: device === 'phone' });
  } finally {
    await page.context().close();
    await server.close();
  }
}

/** Small enough for a README; Chromium itself is the encoder. */
async function webp(browser, png) {
  const page = await browser.newPage();
  const url = await page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.86);
  }, png.toString('base64'));
  await page.close();
  return Buffer.from(url.split(',')[1], 'base64');
}

const [folder, option] = process.argv.slice(2);
const browser = await launch();
for (const device of Object.keys(DEVICES)) {
  for (const scheme of ['light', 'dark']) {
    for (const state of STATES) {
      const png = await picture(browser, device, scheme, state, scheme === 'light' ? 'en-US' : 'fr-FR');
      const name = `${device}-${scheme}-${state}.png`;
      await writeFile(join(folder, name), png);
      console.log(name);
    }
  }
}
if (option === '--readme') {
  await mkdir(IMAGES, { recursive: true });
  for (const [name, device, scheme, state] of CHOSEN) {
    const data = await webp(browser, await picture(browser, device, scheme, state, 'en-US'));
    await writeFile(join(IMAGES, name), data);
    console.log(`docs/images/${name}: ${data.length} bytes`);
  }
}
await browser.close();
