// What is said on both sides of the tests: the page's agent, the phone's agent, and the person who is called.
import { join } from 'node:path';
import { speechFile } from './browser.js';
import { writeFileSync } from 'node:fs';

const SOUNDS = '/usr/share/asterisk/sounds/en_US_f_Allison';
export const LONG_LINE =
  'I am sorry to hear that. An error with a noise often comes from the pump, and our engineer looks at it ' +
  'the next morning. The first visit costs you nothing at all, and he brings the usual parts along with him in the van. ' +
  'While you wait, please leave the boiler switched off, open a window if there is any smell, and write down the letters ' +
  'that the display shows, because they tell him which parts he should take with him.';

export const VISITOR = {
  opening: 'My boiler shows an error and it makes a strange noise.',
  interruption: 'Sorry, could somebody please call me back? My name is Ada Lovelace.',
};

/** `consent` false: the agent saves the lead without it, and the visitor agrees on the card. */
export function scenario({ consent = true } = {}) {
  const lead = { first_name: 'Ada', last_name: 'Lovelace', phone: '202 555 0143', consent };
  const afterSaved = consent
    ? [
        { on: 'tool_result', calls: [{ name: 'trigger_call', arguments: { lead_id: '{{tool.save_lead.lead_id}}' } }] },
        {
          on: 'tool_result',
          say: 'Thank you, Ada. I am calling you now.',
          calls: [{ name: 'end_call', arguments: {} }],
        },
      ]
    : [{ on: 'tool_result', say: 'Thank you, Ada. Please agree on the card, then I call you.' }];
  return {
    sounds: SOUNDS,
    model: {
      agents: [
        {
          name: 'phone',
          match: 'on the phone',
          language: 'en',
          replies: [
            { on: 'start', say: 'Hello Ada, this is Northwind Heating.' },
            {
              on: 'turn',
              transcript_of_caller: 'Hello.',
              say: 'It is about your boiler. Does tomorrow at nine suit you?',
            },
            {
              on: 'turn',
              transcript_of_caller: 'Tomorrow.',
              say: 'Then it is yours. Goodbye, Ada.',
              calls: [{ name: 'end_call', arguments: { reason: 'booked' } }],
            },
          ],
        },
        {
          name: 'web',
          match: 'on its web page',
          language: 'en',
          replies: [
            { on: 'start', say: 'Hello, what brings you here?' },
            { on: 'turn', transcript_of_caller: VISITOR.opening, say: LONG_LINE },
            { on: 'turn', transcript_of_caller: VISITOR.interruption, calls: [{ name: 'save_lead', arguments: lead }] },
            { on: 'text', say: 'Thank you for writing. How can I help?' },
            ...afterSaved,
          ],
        },
      ],
    },
    lead: {
      ring_ms: 900,
      leg_codec: 'PCMU',
      amd: { result: 'human_residence', delay_ms: 1200 },
      script: [
        { wait: 'agent_silence', ms: 800 },
        { play: 'hello.wav', text: 'Hello.' },
        { wait: 'agent_silence', ms: 800 },
        { play: 'digits/tomorrow.wav', text: 'Tomorrow.' },
      ],
    },
  };
}

/**
 * The microphone, for `loop`: speaks every dozen of seconds, so that it comes into the middle of the long line
 * however long the connection took, and leaves room for whatever is shorter.
 */
export function visitorVoice(folder) {
  const { path, bytes } = speechFile(join(folder, 'visitor.wav'), [[VISITOR.opening, 8000]]);
  writeFileSync(path, bytes);
  return path;
}
