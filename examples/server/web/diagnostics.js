// Tries each part of the way from this browser to the model, and says what is wrong and what to do.
import { levelOf } from './audio_stage.js';
import { openMicrophone, stopStream } from './microphone.js';
import { getConfig, getDiagnostics, PageError } from './session_api.js';
import { Talk, transportOrder } from './talk.js';

export const LIMIT_MS = 10000;
const LISTEN_MS = 800;

class Fault extends Error {
  constructor(key) {
    super(key);
    this.key = key;
  }
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Settles like `work`, or fails with `diag_timeout` after `milliseconds`. */
export function limited(work, milliseconds = LIMIT_MS) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Fault('diag_timeout')), milliseconds);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

async function checkWebRtc() {
  if (typeof RTCPeerConnection !== 'function') throw new Fault('diag_webrtc_none');
  const pc = new RTCPeerConnection();
  try {
    pc.createDataChannel('check');
    await pc.setLocalDescription();
    while (pc.iceGatheringState !== 'complete') await wait(20);
    if (!/^a=candidate/m.test(pc.localDescription.sdp)) throw new Fault('diag_webrtc_blocked');
  } finally {
    pc.close();
  }
}

async function checkMicrophone(t) {
  const stream = await openMicrophone();
  const context = new AudioContext();
  try {
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    for (let spent = 0; spent < LISTEN_MS; spent += 50) {
      await wait(50);
      analyser.getFloatTimeDomainData(samples);
      loudest = Math.max(loudest, levelOf(samples));
    }
    if (loudest === 0) throw new Fault('diag_mic_silent');
    return t('diag_mic_level', { level: Math.round(loudest * 100) });
  } finally {
    stopStream(stream);
    await context.close();
  }
}

/** A real session, from the offer to the open connection, ended at once. */
async function checkSession(config, t) {
  const order = transportOrder(null, config?.transports, typeof RTCPeerConnection === 'function');
  let talk;
  try {
    const name = await new Promise((resolve, reject) => {
      talk = new Talk({ order, language: document.documentElement.lang }, (event) => {
        if (event.type === 'connected') resolve(event.transport);
        if (event.type === 'failed') reject(new PageError(event.error.code));
      });
      talk.start({ microphone: false });
    });
    return t(`transport_${name}`);
  } finally {
    talk?.hangUp('diagnostics');
    talk?.dispose({ end: true });
  }
}

/** `report(check)` is called at the start and the end of each; resolves to all of them. */
export async function runDiagnostics(t, report) {
  const checks = [];
  const run = async (id, work) => {
    const check = { id, ok: null, ms: 0, message: '' };
    checks.push(check);
    report(check);
    const began = performance.now();
    try {
      check.message = (await limited(work())) ?? '';
      check.ok = true;
    } catch (error) {
      check.ok = false;
      check.message = t(error.key ?? `error_${error.code ?? 'server_error'}`, { seconds: error.retryAfter || 60 });
    }
    check.ms = Math.round(performance.now() - began);
    report(check);
  };
  let config = null;
  await run('secure', async () => {
    if (!isSecureContext) throw new Fault('diag_secure_bad');
  });
  await run('webrtc', checkWebRtc);
  await run('page_config', async () => {
    config = await getConfig();
  });
  await run('server', async () => serverChecks(checks, report));
  await run('microphone', () => checkMicrophone(t));
  await run('session', () => checkSession(config, t));
  return checks;
}

async function serverChecks(checks, report) {
  const { checks: own } = await getDiagnostics();
  for (const { id, ok, ms, message, todo } of own) {
    const check = { id, ok, ms, message: [message, todo].filter(Boolean).join(' '), server: true };
    checks.push(check);
    report(check);
  }
}

export class DiagnosticsView {
  #dialog = document.getElementById('diagnostics');
  #list = document.getElementById('checks');
  #rows = new Map();
  #running = false;
  #checks = [];

  constructor(t) {
    this.t = t;
    const on = (id, action) => document.getElementById(id).addEventListener('click', action);
    on('close-diagnostics', () => this.#dialog.close());
    on('run-diagnostics', () => this.#run());
    on('copy-diagnostics', () => this.#copy());
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#run();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    document.getElementById('run-diagnostics').disabled = true;
    this.#list.replaceChildren();
    this.#rows.clear();
    try {
      this.#checks = await runDiagnostics(this.t, (check) => this.#show(check));
    } finally {
      this.#running = false;
      document.getElementById('run-diagnostics').disabled = false;
    }
  }

  #show(check) {
    const { t } = this;
    const row = this.#rows.get(check) ?? this.#addRow(check);
    const state = check.ok === null ? 'running' : check.ok ? 'ok' : 'bad';
    row.item.dataset.state = state;
    row.result.textContent = check.ok === null ? t('diag_running') : `${t(`diag_${state}`)} · ${check.ms} ms`;
    row.message.textContent = check.message;
  }

  #addRow(check) {
    const make = (tag, name) => Object.assign(document.createElement(tag), { className: name });
    const row = {
      item: make('li', 'check'),
      name: make('span', 'check-name'),
      result: make('span', 'check-result'),
      message: make('p', 'check-message'),
    };
    row.item.dataset.check = check.id;
    row.name.textContent = this.t(`diag_${check.id}`);
    row.item.append(row.name, row.result, row.message);
    this.#list.append(row.item);
    this.#rows.set(check, row);
    return row;
  }

  async #copy() {
    const text = JSON.stringify(
      { at: new Date().toISOString(), browser: navigator.userAgent, checks: this.#checks },
      null,
      2,
    );
    await navigator.clipboard.writeText(text);
    const button = document.getElementById('copy-diagnostics');
    button.textContent = this.t('diag_copied');
    setTimeout(() => {
      button.textContent = this.t('diag_copy');
    }, 1500);
  }
}
