// Brings a page into each of its states, with the words of a believable talk; for looks and screenshots.
import { until, waitForPhase } from './browser.js';

export const STATES = [
  'idle',
  'connecting',
  'listening',
  'thinking',
  'speaking',
  'calling',
  'on_phone',
  'call_ended',
  'error',
];

const WORDS = {
  en: {
    talk: [
      ['agent', 'Hello, this is Northwind Heating. What brings you here?'],
      ['visitor', 'My boiler shows an error and makes a noise.'],
      ['agent', 'I am sorry to hear that. It often comes from the pump, and the first visit', true],
      ['visitor', 'Could somebody call me back?'],
    ],
    last: 'Gladly. Which number may we call?',
    call: [
      ['agent', 'Hello Ada, this is Northwind Heating, about your boiler.'],
      ['lead', 'That was quick!'],
      ['agent', 'Tomorrow at nine is free. Shall I'],
      ['lead', 'Yes, please.'],
      ['agent', 'It is yours. Until tomorrow, Ada.'],
    ],
    lead: { first_name: 'Ada', last_name: 'Lovelace', phone: '+12025550143' },
  },
  fr: {
    talk: [
      ['agent', 'Bonjour, ici Northwind Heating. Que puis-je pour vous ?'],
      ['visitor', 'Ma chaudière affiche une erreur et fait du bruit.'],
      ['agent', 'J’en suis désolé. Cela vient souvent de la pompe, et la première visite', true],
      ['visitor', 'Quelqu’un peut-il me rappeler ?'],
    ],
    last: 'Volontiers. À quel numéro pouvons-nous appeler ?',
    call: [
      ['agent', 'Bonjour Ada, ici Northwind Heating, pour votre chaudière.'],
      ['lead', 'C’est rapide !'],
      ['agent', 'Demain à neuf heures, c’est libre. Je vous'],
      ['lead', 'Oui, merci.'],
      ['agent', 'C’est noté. À demain, Ada.'],
    ],
    lead: { first_name: 'Ada', last_name: 'Lovelace', phone: '+33612345678' },
  },
};

async function talk(page, server, words) {
  if ((await page.locator('.turn').count()) > 0) return; // Goes on from an earlier state.
  await page.click('#talk');
  await waitForPhase(page, 'listening');
  const { session } = server;
  words.talk.forEach(([who, text, cut], turn) =>
    session.emit({ type: 'transcript', who, turn: `t${turn}`, text, final: true, cut }),
  );
  await until(async () => (await page.locator('.turn').count()) >= words.talk.length, 'the words');
}

const STEPS = {
  idle: () => {},
  connecting: async (page) => {
    await page.route('**/session*', () => {}); // Never answered.
    await page.click('#talk');
    await waitForPhase(page, 'connecting');
  },
  listening: () => {},
  thinking: (page, { session }) => session.state('thinking'),
  speaking: (page, { session }, words) => {
    session.state('speaking');
    session.emit({ type: 'transcript', who: 'agent', turn: 'last', text: words.last, final: false });
    session.speak(4000);
  },
  calling: (page, { session }, words) => {
    session.emit({ type: 'lead', lead: { lead_id: '1', ...words.lead, consent: true } });
    session.emit({ type: 'call', call_id: 'c', state: 'dialing' });
    session.emit({ type: 'call', call_id: 'c', state: 'ringing' });
    session.state('calling');
  },
  on_phone: async (page, server, words) => {
    await STEPS.calling(page, server, words);
    server.session.state('ended', 'agent');
    server.session.emit({ type: 'call', call_id: 'c', state: 'answered' });
    server.session.emit({ type: 'call', call_id: 'c', state: 'talking' });
  },
  call_ended: async (page, server, words) => {
    await STEPS.on_phone(page, server, words);
    const transcript = words.call.map(([who, text], index) => ({ who, text, ...(index === 2 ? { cut: true } : {}) }));
    server.session.emit({ type: 'call', call_id: 'c', state: 'ended', reason: 'hangup', transcript });
    server.session.emit({ type: 'bye', reason: 'agent' });
  },
  error: async (page, server) => {
    server.session.state('ended', 'expired');
  },
};

/** From the fresh page; `call_ended` also from any state before it. */
export async function showState(page, server, state) {
  const words = WORDS[await page.getAttribute('html', 'lang')];
  if (!['idle', 'connecting'].includes(state)) await talk(page, server, words);
  await STEPS[state](page, server, words);
  await waitForPhase(page, state === 'call_ended' ? 'ended' : state);
  if (state === 'call_ended')
    await until(async () => (await page.locator('.turn').count()) >= 9, 'the words of the call');
}
