// The rules of connection 2: what to do at each event of the model's data channel. Pure: returns actions
//   {do: 'emit', event}   an event as our server would send it
//   {do: 'send', event}   to the model
//   {do: 'tool', name, args, callId}
//   {do: 'end'}           the agent has said goodbye
const CHARACTERS_A_SECOND = 15;
const MAX_TOOL_CALLS = 50;

/** What was heard of `text` after `ms`, cut between words: the service tells the time only. */
export function heardPart(text, ms) {
  const characters = Math.floor((ms / 1000) * CHARACTERS_A_SECOND);
  if (characters >= text.length) return text;
  const end = text.lastIndexOf(' ', characters);
  return text.slice(0, Math.max(end, 0)).trimEnd();
}

function parseArguments(text) {
  try {
    const args = JSON.parse(text || '{}');
    return args !== null && typeof args === 'object' ? args : null;
  } catch {
    return null;
  }
}

const emit = (event) => ({ do: 'emit', event });
const state = (name) => emit({ type: 'state', state: name });
const send = (event) => ({ do: 'send', event });
const message = (role, text) =>
  send({ type: 'conversation.item.create', item: { type: 'message', role, content: [{ type: 'input_text', text }] } });

export class ModelEvents {
  #agent = new Map(); // item id -> text of the agent so far
  #visitor = new Map();
  #calls = new Map(); // call id -> done; of the tools that run
  #seen = new Set();
  #responding = false;
  #audible = false;
  #wish = false; // A response is wanted as soon as the running one is over.
  #ending = false;
  #typed = 0;

  /** The greeting, by its instructions if there are any. */
  start(instructions = '') {
    this.#responding = true;
    return [send({ type: 'response.create', ...(instructions ? { response: { instructions } } : {}) })];
  }

  onTyped(text) {
    this.#typed += 1;
    return [
      emit({ type: 'transcript', who: 'visitor', turn: `typed-${this.#typed}`, text, final: true }),
      ...(this.#audible ? [send({ type: 'response.cancel' }), send({ type: 'output_audio_buffer.clear' })] : []),
      message('user', text),
      ...this.#respond(),
    ];
  }

  onLeadEdited({ first_name: first, last_name: last, phone, consent }) {
    const facts = `first name "${first}", last name "${last}", phone "${phone}", consent to be called: ${consent ? 'yes' : 'no'}`;
    return [message('system', `The visitor edited the card on the page. It now says: ${facts}.`)];
  }

  onToolDone(callId, output) {
    if (this.#calls.get(callId) !== false) return [];
    this.#calls.set(callId, true);
    const item = { type: 'function_call_output', call_id: callId, output };
    const open = [...this.#calls.values()].some((done) => !done);
    return [send({ type: 'conversation.item.create', item }), ...(open ? [] : this.#respond())];
  }

  #respond() {
    if (this.#responding) {
      this.#wish = true;
      return [];
    }
    this.#wish = false;
    this.#responding = true; // Until `response.done`: a second one now would be refused.
    return [send({ type: 'response.create' })];
  }

  onEvent(event) {
    const rule = RULES[event.type];
    return rule ? rule.call(this, event) : [];
  }

  #agentText(id, text, final) {
    this.#agent.set(id, text);
    return [emit({ type: 'transcript', who: 'agent', turn: id, text, final })];
  }

  #visitorText(id, text, final) {
    this.#visitor.set(id, text);
    return [emit({ type: 'transcript', who: 'visitor', turn: id, text, final })];
  }

  #tool(item) {
    if (this.#seen.has(item.call_id) || this.#seen.size >= MAX_TOOL_CALLS) return [];
    this.#seen.add(item.call_id);
    if (item.name === 'end_call') {
      this.#ending = true;
      return [];
    }
    this.#calls.set(item.call_id, false);
    const args = parseArguments(item.arguments);
    if (args === null) return this.onToolDone(item.call_id, '{"error":{"code":"invalid_json"}}');
    return [{ do: 'tool', name: item.name, args, callId: item.call_id }];
  }

  #afterResponse() {
    this.#responding = false;
    if (this.#ending && !this.#audible) return [{ do: 'end' }];
    if (this.#wish && !this.#ending) return this.#respond();
    return this.#audible ? [] : [state('listening')];
  }

  static rules = {
    'input_audio_buffer.speech_started': () => [state('listening')],
    'input_audio_buffer.speech_stopped': () => [state('thinking')],
    'conversation.item.input_audio_transcription.delta'({ item_id: id, delta }) {
      return this.#visitorText(id, (this.#visitor.get(id) ?? '') + (delta ?? ''), false);
    },
    'conversation.item.input_audio_transcription.completed'({ item_id: id, transcript }) {
      return this.#visitorText(id, transcript, true);
    },
    'response.created'() {
      this.#responding = true;
      return [];
    },
    'output_audio_buffer.started'() {
      this.#audible = true;
      return [state('speaking')];
    },
    'output_audio_buffer.stopped'() {
      return this.#silent();
    },
    'output_audio_buffer.cleared'() {
      return this.#silent();
    },
    'response.output_audio_transcript.delta'({ item_id: id, delta }) {
      return this.#agentText(id, (this.#agent.get(id) ?? '') + delta, false);
    },
    'response.output_audio_transcript.done'({ item_id: id, transcript }) {
      return this.#agentText(id, transcript, true);
    },
    'conversation.item.truncated'({ item_id: id, audio_end_ms: ms }) {
      const text = heardPart(this.#agent.get(id) ?? '', ms);
      return [emit({ type: 'transcript', who: 'agent', turn: id, text, final: true, cut: true, heard_ms: ms })];
    },
    'response.output_item.done'({ item }) {
      return item?.type === 'function_call' && item.status !== 'incomplete' ? this.#tool(item) : [];
    },
    'response.done'({ response }) {
      const failed = response?.status === 'failed';
      return [
        ...(failed ? [emit({ type: 'error', code: 'response_failed', fatal: false })] : []),
        ...this.#afterResponse(),
      ];
    },
    error({ error }) {
      if (error?.code === 'session_expired') return [emit({ type: 'state', state: 'ended', reason: 'expired' })];
      return [];
    },
  };

  #silent() {
    this.#audible = false;
    if (this.#ending) return [{ do: 'end' }];
    return this.#responding ? [] : [state('listening')];
  }
}

const RULES = ModelEvents.rules;
