// Connection 2: the browser talks to the model's service with a key of one session. What the server would do
// at the model's events is done here: tools are passed on to it, and the transcript is told to it.
import { EventLink } from './events.js';
import { ModelEvents } from './model_events.js';
import { endSession, PageError, runTool, socketUrl, startSession } from './session_api.js';
import { RtcMedia } from './rtc_media.js';

async function answerFrom(session, offer, signal) {
  let response;
  try {
    response = await fetch(session.calls_url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${session.client_secret.value}` },
      body: offer,
      signal,
    });
  } catch (cause) {
    throw new PageError('unavailable', { message: String(cause), next: true });
  }
  if (!response.ok) throw new PageError('unavailable', { status: response.status, next: true });
  return response.text();
}

/** Does what the rules of ModelEvents ask for. */
function performer({ model, media, link, session, handlers }) {
  const run = async ({ name, args, callId }) => {
    let output;
    try {
      output = await runTool(name, args, { token: session.token });
    } catch (error) {
      output = JSON.stringify({ error: { code: error.code, message: error.message } });
    }
    perform(model.onToolDone(callId, output));
  };
  const perform = (actions) => {
    for (const action of actions) {
      if (action.do === 'send') media.send(action.event);
      else if (action.do === 'tool') run(action);
      else if (action.do === 'end') handlers.agentEnded();
      else {
        if (action.event.type === 'transcript') link.send(action.event);
        handlers.link.event(action.event);
      }
    }
  };
  return perform;
}

export async function openEphemeral({ stream, stage, handlers, agent, language, signal }) {
  const session = await startSession('ephemeral', { agent, language, signal });
  const model = new ModelEvents();
  let perform = () => {};
  const media = new RtcMedia(stream, {
    track: (remote) => stage.watch('agent', remote),
    message: (event) => perform(model.onEvent(event)),
    unstable: handlers.unstable,
    stable: handlers.stable,
    lost: handlers.lost,
  });
  const link = new EventLink({ url: socketUrl('/api/web/events'), session, handlers: handlers.link });
  perform = performer({ model, media, link, session, handlers });
  try {
    const answer = await answerFrom(session, await media.offer(), signal);
    await Promise.all([link.open(signal), media.connect(answer, signal)]);
  } catch (error) {
    media.close();
    link.close();
    endSession(session);
    throw error;
  }
  perform(model.start(session.greeting));
  return {
    name: 'ephemeral',
    session,
    link,
    sendText: (text) => perform(model.onTyped(text)),
    noteLead: (lead) => perform(model.onLeadEdited(lead)),
    drained: () => Promise.resolve(),
    closeMedia: () => media.close(),
  };
}
