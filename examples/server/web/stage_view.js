// The left side: status, the one button, mute, typing. Draws a state; decides nothing.
import { isLive, phaseOf } from './state.js';

const FAULTS_WITH_TYPING = new Set(['mic_refused', 'mic_missing', 'mic_busy', 'insecure']);

export class StageView {
  #by = (id) => document.getElementById(id);

  /** The translator; set before anything is drawn. */
  t = null;

  /** `facts`: {muted, typing, transport, unstable, countries}. */
  draw(state, facts) {
    const { t } = this;
    const phase = phaseOf(state);
    this.#by('page').dataset.phase = phase;
    this.#by('page').dataset.live = String(isLive(state));
    this.#text('status-text', t(`phase_${phase}`));
    this.#text('status-detail', phase === 'error' ? '' : this.#detail(state, phase, facts));
    this.#text('status-error', this.#error(state, phase));
    this.#drawButtons(state, phase, facts);
    this.#text('transport', t(`transport_${isLive(state) && facts.transport ? facts.transport : 'none'}`));
    this.#by('transport').dataset.transport = isLive(state) ? (facts.transport ?? '') : '';
  }

  /** Only when it differs: a live region speaks at each change. */
  #text(id, text) {
    const element = this.#by(id);
    if (element.textContent !== text) element.textContent = text;
  }

  #detail(state, phase, { muted, typing, unstable, notice }) {
    const { t } = this;
    if (state.reconnecting) return t('detail_reconnecting');
    if (unstable && isLive(state)) return t('unstable');
    if (notice && isLive(state)) return t(`error_${notice}`);
    if (phase === 'listening' && typing) return t('detail_listening_typing');
    if (phase === 'listening' && muted) return t('detail_listening_muted');
    return t(`detail_${phase}`);
  }

  #error(state, phase) {
    if (phase !== 'error' || !state.error) return '';
    return this.t(`error_${state.error.code}`, { seconds: state.error.retryAfter || 60 });
  }

  #drawButtons(state, phase, { muted, typing }) {
    const { t } = this;
    const live = isLive(state);
    const talk = this.#by('talk');
    const label = live ? 'hang_up' : ({ error: 'try_again', ended: 'talk_again' }[state.talk] ?? 'talk');
    this.#text('talk-label', t(label));
    talk.disabled = !live && (phase === 'calling' || phase === 'on_phone');
    const mute = this.#by('mute');
    mute.disabled = !live || typing;
    mute.setAttribute('aria-pressed', String(muted));
    this.#text('mute-label', t(muted ? 'unmute' : 'mute'));
    this.#by('type').disabled = talk.disabled || (live && phase === 'connecting');
    this.#by('type').dataset.offered = String(state.talk === 'error' && FAULTS_WITH_TYPING.has(state.error?.code));
    const writable = live && phase !== 'connecting';
    this.#by('message').disabled = !writable;
    this.#by('send').disabled = !writable;
    this.#by('message').placeholder = t(writable ? 'message_hint' : 'message_hint_idle');
    this.#by('scroll').setAttribute('aria-live', typing ? 'polite' : 'off');
  }
}
