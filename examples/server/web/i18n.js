// Which language, and its words: only the file of the chosen one is loaded.

export const LANGUAGES = ['en', 'fr'];

/** The first of the browser's languages that the page has; English otherwise. Pure. */
export function chooseLanguage(preferred, available = LANGUAGES) {
  for (const tag of preferred) {
    const language = tag.toLowerCase().split('-')[0];
    if (available.includes(language)) return language;
  }
  return 'en';
}

/** `t(key, values)` over a table of words; a key without words shows itself. */
export function translator(words) {
  return (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export async function loadTranslator(language) {
  return translator((await import(`./words_${LANGUAGES.includes(language) ? language : 'en'}.js`)).default);
}

/** Fills in every element marked `data-t` (text), `data-t-label` (aria-label) or `data-t-hint` (placeholder). */
export function translatePage(root, t) {
  for (const element of root.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', t(element.dataset.tLabel));
  }
  for (const element of root.querySelectorAll('[data-t-hint]')) element.placeholder = t(element.dataset.tHint);
}
