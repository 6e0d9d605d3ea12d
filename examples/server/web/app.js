// Joins the parts: the state, one talk at a time, and the views.
import { chooseLanguage, loadTranslator, translatePage } from './i18n.js';
import { LeadCard } from './lead_card.js';
import { Meters } from './meters.js';
import { Orb } from './orb.js';
import { PhoneCallView } from './phone_call.js';
import { getConfig } from './session_api.js';
import { StageView } from './stage_view.js';
import { callIsActive, canStart, initialState, isLive, phaseOf, reduce } from './state.js';
import { Talk, transportOrder } from './talk.js';
import { Transcript } from './transcript.js';
import { TranscriptView } from './transcript_view.js';

const query = new URLSearchParams(location.search);
const DOUBLE_CLICK_MS = 500;
const FACTS = { muted: false, typing: false, transport: null, unstable: false, notice: null };

class App {
  #t;
  #language;
  #state = initialState();
  #facts = { ...FACTS };
  #talk = null;
  #startedAt = 0;
  #config = { transports: undefined, default_country: 'FR', countries: [], consent: {} };
  #transcript = new Transcript();
  #stage = new StageView();
  #lines = new TranscriptView();
  #call = new PhoneCallView();
  #lead = new LeadCard({
    edited: (lead) => this.#talk?.sendLead(lead),
    call: () => this.#talk?.requestCall(),
  });
  #orb = new Orb();
  #meters = new Meters((who) => this.#talk?.level(who) ?? 0, this.#orb);
  #diagnostics = null; // Loaded when it is asked for.

  async run() {
    await this.#speak(chooseLanguage([query.get('lang') ?? '', ...navigator.languages]));
    this.#listen();
    this.#meters.start();
    this.#loadConfig();
    if (query.has('diagnostics')) this.#diagnose();
  }

  async #diagnose() {
    if (!this.#diagnostics) {
      const { DiagnosticsView } = await import('./diagnostics.js');
      this.#diagnostics ??= new DiagnosticsView(this.#t);
    }
    this.#diagnostics.open();
  }

  #listen() {
    const on = (id, type, action) => document.getElementById(id).addEventListener(type, action);
    on('talk', 'click', () => this.#press());
    on('type', 'click', () => this.#type());
    on('mute', 'click', () => this.#setMuted(!this.#facts.muted));
    on('open-diagnostics', 'click', () => this.#diagnose());
    on('composer', 'submit', (event) => {
      event.preventDefault();
      this.#sendMessage();
    });
    for (const button of document.querySelectorAll('[data-language]')) {
      button.addEventListener('click', () => this.#speak(button.dataset.language));
    }
    addEventListener('pagehide', () => this.#leave());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#talk?.wake();
    });
  }

  async #loadConfig() {
    try {
      this.#config = { ...this.#config, ...(await getConfig(AbortSignal.timeout(10000))) };
    } catch {
      return; // Talk will tell what is wrong; until then the page can be read.
    }
    if (this.#config.name) document.getElementById('brand').textContent = this.#config.name;
    this.#lead.options = { country: this.#config.default_country, allowed: this.#config.countries ?? [] };
    this.#lead.canCall = this.#config.can_call !== false;
    this.#drawConsent();
    this.#lead.draw();
  }

  #press() {
    if (!isLive(this.#state)) return this.#start({ microphone: true });
    // The second half of a double click means the same as the first.
    if (performance.now() - this.#startedAt > DOUBLE_CLICK_MS) this.#talk?.hangUp();
    return undefined;
  }

  #start({ microphone }) {
    if (!canStart(this.#state)) return; // A double click, or a call that is on.
    this.#talk?.dispose();
    this.#transcript.clear();
    this.#lines.clear();
    this.#call.clear();
    this.#lead.forget();
    this.#facts = { ...FACTS, typing: !microphone };
    const talk = new Talk(
      {
        order: transportOrder(query.get('transport'), this.#config.transports, typeof RTCPeerConnection === 'function'),
        agent: query.get('agent') ?? undefined,
        language: this.#language,
      },
      (event) => {
        if (this.#talk === talk) this.#onEvent(event);
      },
    );
    this.#talk = talk;
    this.#startedAt = performance.now();
    this.#dispatch({ type: 'start' });
    talk.start({ microphone });
  }

  #onEvent(event) {
    const rule = this.#rules[event.type];
    if (rule) rule(event);
    this.#dispatch(event);
  }

  #rules = {
    trying: ({ transport }) => this.#set({ transport }),
    connected: ({ transport }) => this.#connected(transport),
    unstable: () => this.#set({ unstable: true }),
    stable: () => this.#set({ unstable: false }),
    notice: ({ code }) => this.#set({ typing: true, notice: code }),
    transcript: (event) => this.#lines.draw(this.#transcript.apply(event)),
    lead: ({ lead }) => this.#lead.show(lead),
    call: (event) => this.#onCall(event),
    error: (event) => this.#onError(event),
    hung_up: () => this.#focusTalk(),
  };

  #connected(transport) {
    this.#set({ transport, unstable: false });
    if (this.#state.reconnecting) this.#lines.divide(this.#t('reconnected'));
    // Given before the talk, or to the session that was lost: the new one does not know it.
    if (this.#lead.wasEdited || this.#state.reconnecting) {
      const { lead } = this.#lead;
      if (lead.phone && lead.first_name && lead.last_name) this.#talk.sendLead(lead);
    }
    if (this.#facts.typing) setTimeout(() => document.getElementById('message').focus());
  }

  /** Something was refused, and the talk goes on: of what the page asks for, only the card can be. */
  #onError({ code, message, fatal }) {
    if (fatal) return;
    const key = {
      invalid_argument: 'phone_invalid',
      permission_denied: 'call_refused',
      resource_exhausted: 'call_refused',
    }[code];
    if (key || message) this.#lead.complain(key ? this.#t(key) : message);
  }

  #onCall(event) {
    this.#call.show(event);
    if (!event.transcript) return;
    for (const turn of this.#transcript.addCall(event.call_id, event.transcript)) this.#lines.draw(turn);
  }

  #type() {
    if (isLive(this.#state)) document.getElementById('message').focus();
    else this.#start({ microphone: false });
  }

  #sendMessage() {
    const field = document.getElementById('message');
    const text = field.value.trim();
    if (text === '' || !isLive(this.#state)) return;
    this.#talk.sendText(text);
    field.value = '';
  }

  #setMuted(muted) {
    this.#talk?.setMuted(muted);
    this.#set({ muted });
    this.#draw();
  }

  #set(facts) {
    Object.assign(this.#facts, facts);
  }

  /** The element that had the focus may be disabled by the end of the talk. */
  #focusTalk() {
    if (document.activeElement?.disabled) document.getElementById('talk').focus();
  }

  #leave() {
    this.#talk?.leave();
    this.#talk = null;
    // Kept in the browser's cache of pages, this page may come back: it must not look alive then.
    this.#dispatch({ type: 'hung_up', reason: 'page_gone' });
  }

  #dispatch(event) {
    this.#state = reduce(this.#state, event);
    this.#draw();
  }

  #draw() {
    this.#orb.phase = phaseOf(this.#state);
    this.#stage.draw(this.#state, this.#facts);
    const calling = callIsActive(this.#state);
    this.#lead.setUsable(isLive(this.#state) && phaseOf(this.#state) !== 'connecting' && !calling, calling);
  }

  async #speak(language) {
    this.#t = await loadTranslator(language);
    this.#language = language;
    for (const view of [this.#stage, this.#lines, this.#call, this.#lead, this.#diagnostics])
      if (view) view.t = this.#t;
    this.#translate();
    this.#lines.relabel(this.#transcript.turns);
    this.#draw();
  }

  #translate() {
    document.documentElement.lang = this.#language;
    document.title = this.#t('title');
    translatePage(document, this.#t);
    for (const button of document.querySelectorAll('[data-language]')) {
      button.setAttribute('aria-pressed', String(button.dataset.language === this.#language));
    }
    this.#drawConsent();
    this.#call.draw();
    this.#lead.draw();
  }

  #drawConsent() {
    document.getElementById('consent-text').textContent = this.#config.consent?.[this.#language] ?? this.#t('consent');
  }
}

await new App().run();
document.documentElement.dataset.ready = '';
