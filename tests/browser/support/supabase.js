// Supabase as the server's outbox sees it: keeps the leads that come with the key. What else it does, and how it
// fails, the tests without a browser show.
import { createServer } from 'node:http';

export class Supabase {
  #http = createServer((request, response) => this.#serve(request, response).catch(() => response.destroy()));

  constructor(key) {
    this.key = key;
    this.leads = new Map(); // By phone.
  }

  async listen() {
    await new Promise((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${this.#http.address().port}`;
    return this;
  }

  async #serve(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    if (request.headers.apikey !== this.key || request.method !== 'POST') {
      response.writeHead(401, { 'Content-Type': 'application/json' });
      return response.end('{"message":"Invalid API key"}');
    }
    const lead = JSON.parse(Buffer.concat(parts).toString());
    this.leads.set(lead.phone_e164, lead);
    response.writeHead(201, { 'Content-Type': 'application/json' });
    return response.end(JSON.stringify([{ id: lead.id }]));
  }

  async close() {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
