// What the page is doing, as a pure function of what happened: no DOM, no clock, no network.

/** All that can be shown; `calling` and `on_phone` are the phone call, which outlives the talk. */
export const PHASES = [
  'idle',
  'connecting',
  'listening',
  'thinking',
  'speaking',
  'calling',
  'on_phone',
  'ended',
  'error',
];

const LIVE = new Set(['connecting', 'listening', 'thinking', 'speaking', 'calling']);
const FROM_SERVER = new Set([...LIVE, 'ended']);
/** Reasons that the visitor should be told as a fault, not as an end. */
const FAULTS = new Set(['expired', 'error', 'timeout']);

export const CALL_STEPS = ['dialing', 'ringing', 'answered', 'talking', 'ended'];

export function initialState() {
  return { talk: 'idle', call: null, callReason: null, reason: null, error: null, reconnecting: false, heard: null };
}

export const isLive = (state) => LIVE.has(state.talk);
export const callIsActive = (state) => state.call !== null && state.call !== 'ended';
/** A second click, or a click while the phone rings, starts nothing. */
export const canStart = (state) => !isLive(state) && !callIsActive(state);

export function phaseOf(state) {
  if (callIsActive(state) && (!isLive(state) || state.talk === 'calling')) {
    return state.call === 'answered' || state.call === 'talking' ? 'on_phone' : 'calling';
  }
  return state.talk;
}

function onServerState(state, event) {
  // A late event of a session that is over must not wake the page up.
  if (!isLive(state) || !FROM_SERVER.has(event.state)) return state;
  if (event.state !== 'ended') {
    // The server's side may be ready before the media are: shown only when they are.
    return state.talk === 'connecting' ? { ...state, heard: event.state } : { ...state, talk: event.state };
  }
  const reason = event.reason ?? 'hangup';
  if (FAULTS.has(reason)) {
    const code = reason === 'error' ? 'talk_failed' : reason === 'timeout' ? 'silent' : reason;
    return { ...state, talk: 'error', reason, error: { code }, reconnecting: false };
  }
  return { ...state, talk: 'ended', reason, reconnecting: false };
}

function onCall(state, event) {
  if (!CALL_STEPS.includes(event.state)) return state;
  return { ...state, call: event.state, callReason: event.reason ?? null };
}

/** Nothing more will be heard of a call that goes on: the page must not wait for its end. */
const withoutCall = (state) => (callIsActive(state) ? { ...state, call: null } : state);

const heardBefore = ({ heard }) => (heard === null || heard === 'connecting' ? 'listening' : heard);

/** The state after `event`; the same object when nothing changed. */
export function reduce(state, event) {
  switch (event.type) {
    case 'start':
      return canStart(state) ? { ...initialState(), talk: 'connecting' } : state;
    case 'connected':
      if (!isLive(state)) return state;
      if (state.talk !== 'connecting') return state;
      return { ...state, talk: heardBefore(state), reconnecting: false, heard: null };
    case 'reconnecting':
      return isLive(state) ? { ...state, talk: 'connecting', reconnecting: true, heard: null } : state;
    case 'state':
      return onServerState(state, event);
    case 'call':
      return onCall(state, event);
    case 'failed':
      return { ...withoutCall(state), talk: 'error', error: event.error, reconnecting: false };
    case 'bye':
    case 'link_lost':
      return withoutCall(state);
    case 'hung_up':
      return isLive(state) ? { ...state, talk: 'ended', reason: event.reason ?? 'hangup', reconnecting: false } : state;
    default:
      return state;
  }
}
