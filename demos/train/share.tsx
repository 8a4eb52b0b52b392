import { signal } from '@preact/signals';

import { messageOf } from '../../src/io/reason';
import { link } from './address';
import { source } from './form';
import { samples } from './store';
import { TEXTS } from './texts';

const busy = signal(false);
/** What came of the last thing asked for. */
const outcome = signal<string | null>(null);

/** What can be given to others: a link, a picture, a recording. */
export function Share() {
  return (
    <div class="share" role="group" aria-label="Share">
      <button type="button" onClick={() => void perform(() => copyLink(false))}>
        Copy link
      </button>
      <button
        type="button"
        title="The page with Start, the text and the curve: what a class needs, with these settings"
        onClick={() => void perform(() => copyLink(true))}
      >
        Copy link for a lesson
      </button>
      <button
        type="button"
        disabled={samples.value.length === 0 || busy.value}
        title="What it wrote and its curve, as a PNG"
        onClick={() => void perform(async () => (await import('./picture')).savePicture())}
      >
        Save picture
      </button>
      <button
        type="button"
        disabled={samples.value.length === 0 || busy.value}
        title="What it wrote from the first step on, as a video of some seconds"
        onClick={() => void perform(async () => (await import('./recording')).saveRecording())}
      >
        Save recording
      </button>
      <p class="hint" aria-live="polite">
        {outcome}
      </p>
    </div>
  );
}

/** One at a time, and what came of it is told. */
async function perform(work: () => Promise<string>): Promise<void> {
  busy.value = true;
  outcome.value = null;
  try {
    outcome.value = await work();
  } catch (error) {
    outcome.value = `That did not work: ${messageOf(error)}`;
  } finally {
    busy.value = false;
  }
}

async function copyLink(forLesson: boolean): Promise<string> {
  const href = link(forLesson);
  const own = !TEXTS.some(({ name }) => name === source.value.name);
  const without = own ? ' Your own text is not part of it.' : '';
  const what = new URL(href).searchParams.has('model') ? 'this network' : 'the text and settings';
  try {
    await navigator.clipboard.writeText(href);
  } catch {
    return `The browser does not let a page copy. The link: ${href}${without}`;
  }
  return `Copied: a link to ${forLesson ? 'a lesson with ' : ''}${what}.${without}`;
}
