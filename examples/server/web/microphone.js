// The microphone, and in plain codes why there is none.
import { PageError } from './session_api.js';

const WANTED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const CODES = {
  NotAllowedError: 'mic_refused',
  SecurityError: 'mic_refused',
  NotFoundError: 'mic_missing',
  OverconstrainedError: 'mic_missing',
  NotReadableError: 'mic_busy',
  AbortError: 'mic_busy',
};

/** The constraints that this browser knows of: an unknown one is refused by some. */
export function supportedConstraints(supported, wanted = WANTED) {
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => supported[name]));
}

export async function openMicrophone(devices = navigator.mediaDevices) {
  if (!devices?.getUserMedia) throw new PageError('insecure');
  try {
    return await devices.getUserMedia({ audio: supportedConstraints(devices.getSupportedConstraints()) });
  } catch (cause) {
    throw new PageError(CODES[cause.name] ?? 'mic_busy', { message: cause.name });
  }
}

export function stopStream(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
