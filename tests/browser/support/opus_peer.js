// The far end of a browser's WebRTC call: answers the offer, measures what the microphone sends, and speaks.
import { Decoder, Encoder } from '@evan/opus';
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift';

const RATE = 48000;
const FRAME = 960; // 20 ms
const OPUS = { mimeType: 'audio/opus', clockRate: RATE, channels: 2, parameters: 'minptime=10;useinbandfec=1' };

export const CHANNEL = 'oai-events';

export function rms(samples) {
  let sum = 0;
  for (const sample of samples) sum += (sample / 32768) ** 2;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

export class OpusPeer {
  #pc = new RTCPeerConnection({
    iceServers: [],
    // Loopback only: no look at the machine's other addresses.
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
    bundlePolicy: 'max-bundle',
    codecs: { audio: [new RTCRtpCodecParameters(OPUS)], video: [] },
  });
  #decoder = new Decoder({ channels: 1, sample_rate: RATE });
  #encoder = new Encoder({ channels: 1, sample_rate: RATE, application: 'voip' });
  #track = new MediaStreamTrack({ kind: 'audio' });
  #payloadType = 111;
  #channel = null;
  #timer = null;
  #began = 0;
  #sent = 0;
  #sequence = Math.floor(Math.random() * 30000);
  #timestamp = Math.floor(Math.random() * 2 ** 30);
  #dark = false;

  /** `handlers`: `microphone(Int16Array at 48 kHz)`, `open()`, `message(text)`, `closed()`, `frame()` -> Int16Array. */
  constructor(handlers) {
    this.handlers = handlers;
    this.heard = { packets: 0, loudest: 0 };
    this.#pc.onDataChannel.subscribe((channel) => this.#useChannel(channel));
    this.#pc.onTrack.subscribe((track) => track.onReceiveRtp.subscribe((packet) => this.#receive(packet)));
  }

  #useChannel(channel) {
    if (channel.label !== CHANNEL) return;
    this.#channel = channel;
    const opened = () => this.handlers.open?.();
    if (channel.readyState === 'open') opened();
    channel.stateChanged.subscribe((state) => {
      if (state === 'open') opened();
      if (state === 'closed') this.handlers.closed?.();
    });
    channel.onMessage.subscribe((message) => this.handlers.message?.(String(message)));
  }

  #receive(packet) {
    if (packet.payload.length === 0) return;
    const bytes = this.#decoder.decode(packet.payload);
    const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    this.heard.packets += 1;
    this.heard.loudest = Math.max(this.heard.loudest, rms(samples));
    this.handlers.microphone?.(samples);
  }

  async answer(sdp) {
    await this.#pc.setRemoteDescription({ type: 'offer', sdp });
    const transceiver = this.#pc.getTransceivers().find(({ kind }) => kind === 'audio');
    // Before the answer is made: without a track werift refuses the section but leaves it in the bundle.
    await transceiver.sender.replaceTrack(this.#track);
    transceiver.setDirection('sendrecv');
    await this.#pc.setLocalDescription(await this.#pc.createAnswer());
    this.#payloadType = transceiver.codecs[0]?.payloadType ?? 111;
    for (const dtls of this.#pc.dtlsTransports) {
      dtls.onStateChange.subscribe((state) => {
        // werift reuses the record number of its Finished, which Chromium drops as a replay: a second is lost.
        if (state === 'connected' && dtls.dtls?.dtls) dtls.dtls.dtls.recordSequenceNumber += 64;
      });
    }
    this.#began = Date.now();
    this.#timer = setInterval(() => this.#speak(), 10);
    return this.#pc.localDescription.sdp;
  }

  /** As many frames as are due by the clock; silence when there is nothing to say. */
  #speak() {
    const due = Math.floor((Date.now() - this.#began) / 20);
    while (this.#sent < due) {
      this.#sent += 1;
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#timestamp = (this.#timestamp + FRAME) >>> 0;
      const samples = this.handlers.frame?.() ?? new Int16Array(FRAME);
      if (this.#dark) continue;
      const header = new RtpHeader({
        version: 2,
        payloadType: this.#payloadType,
        sequenceNumber: this.#sequence,
        timestamp: this.#timestamp,
        ssrc: this.#track.ssrc ?? 1,
      });
      this.#track.writeRtp(new RtpPacket(header, Buffer.from(this.#encoder.encode(samples))));
    }
  }

  send(text) {
    if (this.#channel?.readyState === 'open') this.#channel.send(text);
  }

  get open() {
    return this.#channel?.readyState === 'open';
  }

  /** Nothing more is sent, as when a network goes. */
  goDark() {
    this.#dark = true;
  }

  async close() {
    clearInterval(this.#timer);
    this.#channel?.close();
    await this.#pc.close();
  }
}

/** A voice-like tone of `ms` at 48 kHz, as frames. */
export function* toneFrames(ms, hertz = 440) {
  const frames = Math.round(ms / 20);
  for (let frame = 0; frame < frames; frame += 1) {
    yield Int16Array.from({ length: FRAME }, (_, i) => {
      const t = (frame * FRAME + i) / RATE;
      return Math.sin(2 * Math.PI * hertz * t) * 9000 * (0.7 + 0.3 * Math.sin(2 * Math.PI * 4 * t));
    });
  }
}
