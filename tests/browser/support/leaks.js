// What a page still holds, by the browser's own count.
import { until } from './browser.js';

const KINDS = {
  MediaStreamTrack: ['MediaStreamTrack.prototype', 'function(){return this.map(t=>t.readyState)}', 'ended'],
  RTCPeerConnection: ['RTCPeerConnection.prototype', 'function(){return this.map(p=>p.connectionState)}', 'closed'],
  AudioContext: ['AudioContext.prototype', 'function(){return this.map(c=>c.state)}', 'closed'],
  WebSocket: ['WebSocket.prototype', 'function(){return this.map(s=>String(s.readyState))}', '3'],
};

/** For each kind how many objects are alive; those that wait for the collector do not count. */
export async function heldObjects(page) {
  const session = await page.context().newCDPSession(page);
  const held = {};
  for (const [kind, [prototype, read, dead]] of Object.entries(KINDS)) {
    const { result } = await session.send('Runtime.evaluate', { expression: prototype });
    const { objects } = await session.send('Runtime.queryObjects', {
      prototypeObjectId: result.objectId,
      objectGroup: 'leaks',
    });
    const states = await session.send('Runtime.callFunctionOn', {
      objectId: objects.objectId,
      returnByValue: true,
      functionDeclaration: read,
    });
    held[kind] = states.result.value.filter((state) => state !== dead).length;
    await session.send('Runtime.releaseObjectGroup', { objectGroup: 'leaks' });
  }
  await session.detach();
  return held;
}

/** Waits until the page has let go of everything; the error says what it still holds. */
export async function nothingHeld(page) {
  let held;
  try {
    await until(async () => {
      held = await heldObjects(page);
      return Object.values(held).every((count) => count === 0);
    }, 'everything to be let go of');
  } catch (error) {
    throw new Error(`${error.message}: ${JSON.stringify(held)}`);
  }
}
