// The server's routes. What goes wrong is a `PageError` whose code the texts of i18n.js explain.

/** `code`: what the visitor is told. `next`: whether another kind of connection may still do. */
export class PageError extends Error {
  constructor(code, { message = code, next = false, status = 0, field = '', retryAfter = 0 } = {}) {
    super(message);
    this.name = 'PageError';
    this.code = code;
    this.next = next;
    this.status = status;
    this.field = field;
    this.retryAfter = retryAfter;
  }
}

/** Waits for `work`, which knows no signal, until `signal` is aborted: a worklet may never load. */
export function until(signal, work) {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new PageError('timeout', { next: true }));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject);
  });
}

const BY_STATUS = { 401: 'expired', 403: 'forbidden', 404: 'expired', 429: 'too_many', 503: 'unavailable' };

async function failure(response) {
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // A proxy's page, or nothing: the status has to do.
  }
  return new PageError(BY_STATUS[response.status] ?? 'server_error', {
    message: error.message,
    field: error.field,
    status: response.status,
    retryAfter: Number(response.headers.get('Retry-After') ?? 0),
    next: response.status >= 500 || response.status === 404,
  });
}

export async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...options });
  } catch (cause) {
    if (options.signal?.aborted) throw new PageError('timeout', { next: true });
    throw new PageError('server_down', { message: String(cause) });
  }
  if (!response.ok) throw await failure(response);
  return response;
}

const json = (body) => ({ 'Content-Type': 'application/json', body: JSON.stringify(body) });

function post(body, { token, signal, keepalive } = {}) {
  const { body: text, ...headers } = json(body);
  if (token) headers.Authorization = `Bearer ${token}`;
  return { method: 'POST', headers, body: text, signal, keepalive };
}

export const getConfig = async (signal) => (await request('/api/web/config', { signal })).json();
export const getDiagnostics = async (signal) => (await request('/api/web/diagnostics', { signal })).json();

/** Connection 1: the offer goes to our server, which holds the key. */
export async function startWithOffer(sdp, { agent, language, signal }) {
  const query = new URLSearchParams();
  if (agent) query.set('agent', agent);
  if (language) query.set('language', language);
  const response = await request(`/session?${query}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: sdp,
    signal,
  });
  return {
    id: response.headers.get('X-Voicebridge-Session'),
    token: response.headers.get('X-Voicebridge-Token'),
    answer: await response.text(),
  };
}

/** Connections 2 and 3. */
export async function startSession(mode, { agent, language, signal }) {
  const body = { mode, language };
  if (agent) body.agent = agent;
  const answer = await (await request('/session', post(body, { signal }))).json();
  return { ...answer, id: answer.session_id };
}

/** Never throws: whoever ends has nothing left to do about it. */
export async function endSession({ id, token }) {
  try {
    await request(`/session/${encodeURIComponent(id)}/end`, post({}, { token, keepalive: true }));
  } catch {
    // The server ends it by itself when the page is gone.
  }
}

/** The page is going away: only a beacon is sure to leave. */
export function endSessionByBeacon({ id, token }) {
  const body = new Blob([JSON.stringify({ token })], { type: 'application/json' });
  return navigator.sendBeacon(`/session/${encodeURIComponent(id)}/end`, body);
}

/** A tool call of the model that reached the page (connection 2); the answer goes back as text. */
export async function runTool(name, args, { token, signal }) {
  const response = await request(`/tools/${encodeURIComponent(name)}`, post(args, { token, signal }));
  return response.text();
}

export function socketUrl(path) {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
}
