// The real server, with everything it needs around it, on ports of this machine.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from './browser.js';
import { OpenAiFront } from './openai_front.js';
import { scenario } from './scenario.js';
import { Supabase } from './supabase.js';

export const SERVER = process.env.VOICEBRIDGE_SERVER;
export const SIMULATOR = process.env.VOICEBRIDGE_SIM;
export const KEY = 'sk-simulated-0123456789abcdef';
export const TELNYX_KEY = 'KEY_SIMULATED_0123456789';
export const SERVICE_KEY = 'sb_secret_simulated_0123456789';

class Program {
  constructor(path, args, env = {}) {
    this.output = '';
    this.child = spawn(path, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (data) => (this.output += data));
    this.exited = new Promise((resolve) => this.child.on('exit', resolve));
  }

  async says(pattern, what) {
    await until(() => pattern.test(this.output) || this.child.exitCode !== null, what, 60000);
    const found = pattern.exec(this.output);
    if (!found) throw new Error(`${what}: the program ended\n${this.output}`);
    return found;
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  async stop() {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await this.exited;
    clearTimeout(timer);
  }
}

/** `env`: more of the server's; `options`: of the scenario. */
export class Stage {
  static async open({ env = {}, options = {} } = {}) {
    if (!SERVER || !SIMULATOR) throw new Error('VOICEBRIDGE_SERVER and VOICEBRIDGE_SIM must name the two programs');
    const stage = new Stage();
    stage.folder = mkdtempSync(join(tmpdir(), 'voicebridge-browser-'));
    const file = join(stage.folder, 'scenario.json');
    writeFileSync(file, JSON.stringify(scenario(options)));
    stage.simulator = new Program(SIMULATOR, ['--scenario', file, '--openai-key', KEY, '--telnyx-key', TELNYX_KEY]);
    const [, settings] = await stage.simulator.says(/((?:.*\n)*?)Stop with Ctrl-C/, 'the simulator');
    const exported = Object.fromEntries(
      [...settings.matchAll(/export (\w+)=(.*)/g)].map(([, name, value]) => [name, value]),
    );
    stage.carrier = new URL(exported.TELNYX_API_BASE).origin;
    stage.front = await new OpenAiFront({ simulator: new URL(exported.OPENAI_BASE_URL).origin, key: KEY }).listen();
    stage.supabase = await new Supabase(SERVICE_KEY).listen();
    const port = await freePort();
    stage.origin = `http://127.0.0.1:${port}`;
    stage.env = {
      ...Object.fromEntries(Object.entries(exported).filter(([name]) => /^(OPENAI|TELNYX)/.test(name))),
      OPENAI_BASE_URL: `${stage.front.origin}/v1`,
      OPENAI_REALTIME_URL: `${stage.front.origin.replace('http', 'ws')}/v1/realtime`,
      PORT: String(port),
      HOST: '127.0.0.1',
      PUBLIC_APP_URL: stage.origin,
      VOICEBRIDGE_CARRIER: 'telnyx',
      VOICEBRIDGE_REGION: 'US',
      VOICEBRIDGE_DIAL_COUNTRIES: 'US,FR',
      VOICEBRIDGE_DATABASE: join(stage.folder, 'leads.db'),
      LEAD_STORE: 'supabase',
      SUPABASE_URL: stage.supabase.origin,
      SUPABASE_SERVICE_ROLE_KEY: SERVICE_KEY,
      VOICEBRIDGE_WEB_STARTS: '1000',
      VOICEBRIDGE_WEB_TOTAL_STARTS: '1000',
      VOICEBRIDGE_LOG: 'debug',
      ...env,
    };
    delete stage.env.OPENAI_WEBHOOK_SECRET;
    delete stage.env.OPENAI_PROJECT_ID;
    await stage.startServer();
    return stage;
  }

  async startServer() {
    this.server = new Program(SERVER, ['serve'], this.env);
    await until(
      async () =>
        this.server.child.exitCode !== null ||
        fetch(`${this.origin}/api/web/config`).then(
          ({ ok }) => ok,
          () => false,
        ),
      'the server',
      60000,
    );
    if (this.server.child.exitCode !== null) throw new Error(`the server ended\n${this.server.output}`);
  }

  async get(path) {
    return (await fetch(this.origin + path)).json();
  }

  /** What the carrier's simulator has seen. */
  async carrierState() {
    return (await fetch(`${this.carrier}/__sim/state`)).json();
  }

  /** What the model's simulator has seen. */
  async modelState() {
    const { sessions } = await (await fetch(`${this.front.simulator}/__sim/state`)).json();
    return {
      open: sessions.filter(({ open }) => open).length,
      audioReceived: sessions.reduce((sum, one) => sum + one.audio_received_bytes, 0),
    };
  }

  /** The leads as the server's own file has them. */
  leads() {
    const rows = execFileSync('sqlite3', ['-json', this.env.VOICEBRIDGE_DATABASE, 'select * from leads'], {
      encoding: 'utf8',
    });
    return rows.trim() ? JSON.parse(rows) : [];
  }

  async close() {
    await this.server?.stop();
    await this.front?.close();
    await this.supabase?.close();
    await this.simulator?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
