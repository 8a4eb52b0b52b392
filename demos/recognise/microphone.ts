import { messageOf } from '../../src/io/reason';

/** A microphone that is on. */
export interface Microphone {
  /** In Hz. */
  readonly sampleRate: number;
  stop(): void;
}

/** Hands samples over as they come; it is loaded into the thread of the sound. */
const TAP = `registerProcessor('tap', class extends AudioWorkletProcessor {
  process([input]) {
    if (input[0]) this.port.postMessage(input[0].slice());
    return true;
  }
});`;

/** What is for calls cuts away at speech: breath, and what comes at once after a silence. */
const RAW = { channelCount: 1, echoCancellation: false, noiseSuppression: false };

/**
 * Turns the microphone on. What it hears stays in the page.
 *
 * @param hear is given mono samples, from -1 to 1, some hundred at a time.
 * @throws Error with a sentence for people: refused, none there, in use, a page that may not have one.
 */
export async function openMicrophone(hear: (samples: Float32Array) => void): Promise<Microphone> {
  // A browser leaves it out for a page over plain http; its type does not say so.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) {
    throw new Error('The browser gives a page the microphone only over https, or on localhost.');
  }
  const stream = await devices.getUserMedia({ audio: RAW }).catch((error: unknown) => {
    throw new Error(sentence(error));
  });
  const context = new AudioContext();
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  try {
    const url = URL.createObjectURL(new Blob([TAP], { type: 'text/javascript' }));
    await context.audioWorklet.addModule(url).finally(() => URL.revokeObjectURL(url));
    const tap = new AudioWorkletNode(context, 'tap');
    tap.port.onmessage = ({ data }) => hear(data as Float32Array);
    // Nothing is heard of it, but what leads nowhere is not run.
    const mute = new GainNode(context, { gain: 0 });
    context.createMediaStreamSource(stream).connect(tap).connect(mute).connect(context.destination);
    await context.resume();
    return { sampleRate: context.sampleRate, stop };
  } catch (error) {
    stop();
    throw new Error(`The microphone cannot be listened to: ${messageOf(error)}`, { cause: error });
  }
}

function sentence(error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
      return 'The microphone was refused: allow it for this page beside the address, and try again.';
    case 'NotFoundError':
      return 'There is no microphone: connect one, and try again.';
    case 'NotReadableError':
      return 'The microphone is in use by another program: end that, and try again.';
    default:
      return `The microphone cannot be opened: ${messageOf(error)}`;
  }
}
