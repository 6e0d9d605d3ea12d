// Phone numbers as people type them and as the server wants them. Pure.
import { AsYouType, parsePhoneNumberFromString } from './vendor/libphonenumber.js';

/** {ok, e164, shown, country} or {ok: false, code}. An empty number is no fault, but not ok either. */
export function readNumber(text, { country, allowed = [] }) {
  const typed = text.trim();
  if (typed === '') return { ok: false, code: null };
  const number = parsePhoneNumberFromString(typed, country);
  if (!number || !number.isValid()) return { ok: false, code: 'phone_invalid' };
  if (allowed.length > 0 && !allowed.includes(number.country)) return { ok: false, code: 'phone_country' };
  return { ok: true, e164: number.number, shown: number.formatInternational(), country: number.country };
}

/** The number with its spaces while it is typed. */
export function formatWhileTyping(text, country) {
  return new AsYouType(country).input(text);
}
