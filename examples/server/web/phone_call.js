// The progress of the phone call: which of its steps are done, and what is said about its end.
import { CALL_STEPS } from './state.js';

/** Of the server's reasons those that the visitor should know of. */
const REASONS = {
  not_reached: 'not_reached',
  machine: 'voicemail',
  carrier_failed: 'failed',
  media_failed: 'failed',
  model_failed: 'failed',
};

/** For each step "done", "now" or "todo". A call that ends early has not been through the rest. Pure. */
export function stepStates(call, furthest) {
  const reached = CALL_STEPS.indexOf(call === 'ended' ? (furthest ?? 'dialing') : call);
  return CALL_STEPS.map((step, index) => {
    if (call === null) return 'todo';
    if (step === 'ended') return call === 'ended' ? 'now' : 'todo';
    if (call === 'ended') return index <= reached ? 'done' : 'skipped';
    if (index === reached) return 'now';
    return index < reached ? 'done' : 'todo';
  });
}

export class PhoneCallView {
  #furthest = null;
  #call = null;
  #reason = null;

  /** The translator; set before anything is drawn. */
  t = null;

  show({ state, reason }) {
    if (!CALL_STEPS.includes(state)) return;
    if (state === 'dialing') this.#furthest = null;
    if (state !== 'ended') this.#furthest = state;
    this.#call = state;
    this.#reason = state === 'ended' ? (reason ?? null) : null;
    this.draw();
  }

  clear() {
    this.#call = null;
    this.#furthest = null;
    this.#reason = null;
    this.draw();
  }

  draw() {
    const states = stepStates(this.#call, this.#furthest);
    document.querySelectorAll('#steps li').forEach((item, index) => {
      item.dataset.state = states[index];
      if (states[index] === 'now') item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
    });
    const note = document.getElementById('call-note');
    const text = this.#note();
    if (note.textContent !== text) note.textContent = text;
  }

  #note() {
    if (this.#call === null) return this.t('call_hint');
    const known = REASONS[this.#reason];
    if (this.#call === 'ended') return known ? this.t(`call_reason_${known}`) : this.t('step_ended');
    return this.t(this.#call === 'answered' || this.#call === 'talking' ? 'phase_on_phone' : 'phase_calling');
  }
}
