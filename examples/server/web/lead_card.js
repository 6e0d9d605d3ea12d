// The card with the visitor's name and number: filled by the agent, corrected by the visitor.
import { formatWhileTyping, readNumber } from './phone_number.js';

const SHOWN_MS = 2500;
/** The number is left by a click on the box below it: both are one edit. */
const TOGETHER_MS = 300;

export class LeadCard {
  #form = document.getElementById('lead');
  #fields = Object.fromEntries(
    ['first_name', 'last_name', 'phone', 'consent'].map((name) => [
      name,
      document.getElementById('lead').elements[name],
    ]),
  );
  #touched = false;
  #savedTimer = 0;
  #sendTimer = 0; // Not 0: an edit is about to be sent.
  #usable = false;
  #calling = false;
  #known = ''; // What the server has, as JSON.
  #sent = null; // Edited, and not yet answered by the server.
  #wantsCall = false;

  /** `handlers`: `edited(lead)`, `call()`. */
  constructor(handlers) {
    this.t = null; // The translator; set before anything is drawn.
    this.handlers = handlers;
    this.options = { country: 'FR', allowed: [] };
    this.canCall = true;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#ready()) this.#requestCall();
    });
    this.#form.addEventListener('change', () => this.#edited());
    this.#fields.phone.addEventListener('input', (event) => this.#typing(event));
    this.#fields.phone.addEventListener('blur', () => this.#tidy());
  }

  /** What the card says now, as the server takes it. */
  get lead() {
    const number = this.#number();
    return {
      first_name: this.#fields.first_name.value.trim(),
      last_name: this.#fields.last_name.value.trim(),
      phone: number.ok ? number.e164 : '',
      consent: this.#fields.consent.checked,
    };
  }

  /** What the card says is what is called: it is saved first. */
  #requestCall() {
    if (JSON.stringify(this.lead) === this.#known) return this.handlers.call();
    this.#wantsCall = true;
    return this.#send();
  }

  get wasEdited() {
    return this.#touched;
  }

  #number() {
    return readNumber(this.#fields.phone.value, this.options);
  }

  #typing(event) {
    const field = this.#fields.phone;
    // Not while correcting in the middle: the caret would jump.
    const atEnd = field.selectionStart === field.value.length;
    if (atEnd && event.inputType?.startsWith('insert')) {
      field.value = formatWhileTyping(field.value, this.options.country);
    }
    this.draw({ judge: false });
  }

  #tidy() {
    const number = this.#number();
    if (number.ok) this.#fields.phone.value = number.shown;
    this.draw();
  }

  #edited() {
    this.#touched = true;
    this.#tidy();
    // Without a name or a good number there is nothing that could be saved yet.
    if (!this.#complete() || !this.#usable) return;
    clearTimeout(this.#sendTimer);
    this.#sendTimer = setTimeout(() => this.#send(), TOGETHER_MS);
  }

  /** From the server; what is being typed is left alone. */
  show(lead) {
    if (this.#isOutdated(lead)) return;
    for (const name of ['first_name', 'last_name', 'phone']) {
      const field = this.#fields[name];
      if (field === document.activeElement || typeof lead[name] !== 'string') continue;
      const value = name === 'phone' ? this.#shown(lead.phone) : lead[name];
      if (field.value === value) continue;
      field.value = value;
      this.#flash(field);
    }
    if (typeof lead.consent === 'boolean') this.#fields.consent.checked = lead.consent;
    this.#tellSaved();
    this.draw();
    this.#known = JSON.stringify(this.lead);
    if (this.#wantsCall) {
      this.#wantsCall = false;
      this.handlers.call();
    }
  }

  /** The visitor has edited the card since: what comes is the answer to an edit before the last one. */
  #isOutdated(lead) {
    if (this.#sendTimer !== 0) return true;
    if (this.#sent === null) return false;
    const same = Object.entries(this.#sent).every(([name, value]) => lead[name] === value);
    if (same) this.#sent = null;
    return !same;
  }

  #send() {
    clearTimeout(this.#sendTimer);
    this.#sendTimer = 0;
    this.#sent = this.lead;
    this.handlers.edited(this.#sent);
  }

  /** The server has not taken the lead, or does not call. */
  complain(text) {
    this.#wantsCall = false;
    this.#sent = null;
    const note = document.getElementById('phone-note');
    note.textContent = text;
    note.classList.add('fault');
  }

  /** Another session does not know what the card says. */
  forget() {
    clearTimeout(this.#sendTimer);
    this.#sendTimer = 0;
    this.#known = '';
    this.#sent = null;
    this.#wantsCall = false;
  }

  #shown(phone) {
    const number = readNumber(phone, { ...this.options, allowed: [] });
    return number.ok ? number.shown : phone;
  }

  #flash(field) {
    field.classList.remove('filled');
    requestAnimationFrame(() => field.classList.add('filled'));
  }

  #tellSaved() {
    const saved = document.getElementById('lead-saved');
    saved.textContent = this.t('saved');
    clearTimeout(this.#savedTimer);
    this.#savedTimer = setTimeout(() => {
      saved.textContent = '';
    }, SHOWN_MS);
  }

  #complete() {
    return this.#hasName() && this.#number().ok;
  }

  #hasName() {
    return this.#fields.first_name.value.trim() !== '' && this.#fields.last_name.value.trim() !== '';
  }

  #ready() {
    return this.#usable && this.canCall && this.#complete() && this.#fields.consent.checked;
  }

  /** `usable`: a session is there that could call. `calling`: it does. */
  setUsable(usable, calling) {
    this.#usable = usable;
    this.#calling = calling;
    this.draw();
  }

  /** `judge` false: no complaint about a number that is still being typed. */
  draw({ judge = true } = {}) {
    const number = this.#number();
    const fault = judge ? number.code : null;
    const phone = this.#fields.phone;
    phone.setAttribute('aria-invalid', String(Boolean(fault)));
    const note = document.getElementById('phone-note');
    const text = fault ? this.t(fault, { countries: this.options.allowed.join(', ') }) : this.#advice(number);
    if (note.textContent !== text) note.textContent = text;
    note.classList.toggle('fault', Boolean(fault));
    document.getElementById('call-me').disabled = !this.#ready();
  }

  #advice(number) {
    if (this.#ready() || this.#calling) return '';
    if (!number.ok) return this.t('need_phone');
    if (!this.#hasName()) return this.t('need_name');
    if (!this.#fields.consent.checked) return this.t('need_consent');
    return this.#usable ? '' : this.t('need_talk');
  }
}
