// Connection 1: media between browser and model, everything else between browser and our server.
import { EventLink } from './events.js';
import { endSession, socketUrl, startWithOffer } from './session_api.js';
import { RtcMedia } from './rtc_media.js';

export async function openWebRtc({ stream, stage, handlers, agent, language, signal }) {
  const media = new RtcMedia(stream, {
    track: (remote) => stage.watch('agent', remote),
    unstable: handlers.unstable,
    stable: handlers.stable,
    lost: handlers.lost,
  });
  let session = null;
  let link = null;
  try {
    session = await startWithOffer(await media.offer(), { agent, language, signal });
    link = new EventLink({ url: socketUrl('/api/web/events'), session, handlers: handlers.link });
    await Promise.all([link.open(signal), media.connect(session.answer, signal)]);
  } catch (error) {
    media.close();
    link?.close();
    if (session) endSession(session);
    throw error;
  }
  return {
    name: 'webrtc',
    session,
    link,
    sendText: (text) => link.send({ type: 'text', text }),
    noteLead: () => {}, // The server tells the model.
    drained: () => Promise.resolve(),
    closeMedia: () => media.close(),
  };
}
