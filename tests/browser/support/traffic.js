// All that a page receives and asks for: bodies, headers and frames, by the browser's own protocol.

export async function watchTraffic(page) {
  const traffic = { urls: [], texts: [] };
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable', { maxTotalBufferSize: 100000000 });
  const keepBody = async (requestId) => {
    try {
      traffic.texts.push((await session.send('Network.getResponseBody', { requestId })).body);
    } catch {
      // No body, such as a redirect or a beacon.
    }
  };
  session.on('Network.requestWillBeSent', ({ request }) => traffic.urls.push(request.url));
  session.on('Network.webSocketCreated', ({ url }) => traffic.urls.push(url));
  session.on('Network.responseReceived', ({ response }) => traffic.texts.push(JSON.stringify(response.headers)));
  session.on('Network.loadingFinished', ({ requestId }) => keepBody(requestId));
  session.on('Network.webSocketFrameReceived', ({ response }) => traffic.texts.push(response.payloadData));
  // From the first byte on: what was loaded before is loaded again.
  await page.reload();
  await page.waitForSelector('html[data-ready]');
  return traffic;
}
