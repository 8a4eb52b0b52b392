import { drawPicture } from './picture_drawing';
import { canvas, pictureOf } from './picture';
import type { Sample } from './protocol';
import { after } from '../shared/after';
import { save } from '../shared/save';
import { timeline } from './typing';

/** Milliseconds that a recording takes at most, and that each sample is shown at least. */
const [MAX_MS, MIN_SAMPLE_MS, MAX_SAMPLE_MS] = [20_000, 800, 2500];
const FRAMES_PER_SECOND = 25;
/** Share of its time in which a sample is written; then it stands. */
const WRITING_SHARE = 0.7;
/** Characters: as many as fit. */
const MAX_CHARACTERS = 360;
const TYPES = ['video/mp4', 'video/webm'];

/** Records what the network wrote, from the first sample to the last, as a video; that takes as long as it lasts. */
export async function saveRecording(): Promise<string> {
  const type = TYPES.find((one) => globalThis.MediaRecorder?.isTypeSupported(one));
  if (type === undefined) throw new Error('this browser records no canvas; save a picture instead');
  // As the run is now: it may go on, or another begin, before the recording ends.
  const shown = sampled(timeline.peek()).map(pictureOf);
  if (shown.length === 0) throw new Error('it has written nothing along the way yet; train first');
  const each = Math.min(Math.max(MAX_MS / shown.length, MIN_SAMPLE_MS), MAX_SAMPLE_MS);
  const { element, context } = canvas();
  const stream = element.captureStream(FRAMES_PER_SECOND);
  const recorder = new MediaRecorder(stream, { mimeType: type });
  const parts: Blob[] = [];
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  const ended = new Promise((resolve, reject) => {
    recorder.addEventListener('stop', resolve);
    recorder.addEventListener('error', () => reject(new Error('the recording broke off')));
  });
  recorder.start();
  try {
    for (const picture of shown) {
      const text = Array.from(picture.text).slice(0, MAX_CHARACTERS);
      await frames(each, (share) => {
        const count = Math.ceil(text.length * Math.min(share / WRITING_SHARE, 1));
        drawPicture(context, { ...picture, text: text.slice(0, count).join('') });
      });
    }
  } finally {
    recorder.stop();
    for (const track of stream.getTracks()) track.stop();
  }
  await ended;
  const name = `lethe-run.${type.split('/')[1]}`;
  save(new Blob(parts, { type }), name);
  return `Saved: ${name}`;
}

/** As many as there is time for, evenly, the first and the last among them. */
function sampled(all: readonly Sample[]): readonly Sample[] {
  const most = Math.floor(MAX_MS / MIN_SAMPLE_MS);
  if (all.length <= most) return all;
  return Array.from(
    { length: most },
    (_, i) => all[Math.round((i / (most - 1)) * (all.length - 1))],
  );
}

/** Draws for some milliseconds, told which share of them is over. Not by animation frames: a hidden tab has none. */
async function frames(milliseconds: number, draw: (share: number) => void): Promise<void> {
  const begin = performance.now();
  for (let share = 0; share < 1;) {
    share = Math.min((performance.now() - begin) / milliseconds, 1);
    draw(share);
    await after(1000 / FRAMES_PER_SECOND);
  }
}
