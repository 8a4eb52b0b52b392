import { ngramLosses, ngramOrder } from './baselines';
import { drawPicture, HEIGHT, WIDTH } from './picture_drawing';
import type { PictureOf } from './picture_drawing';
import { save } from '../shared/save';
import { chosenSample, points } from './store';
import { timeline } from './typing';
import type { Sample } from './protocol';
import { settingsInWords } from './settings_words';
import { source } from './form';

/** A canvas of the size of a picture. */
export function canvas(): { element: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const element = document.createElement('canvas');
  [element.width, element.height] = [WIDTH, HEIGHT];
  const context = element.getContext('2d');
  if (!context) throw new Error('the browser gives no canvas to draw on');
  return { element, context };
}

/** The run as it was when a sample was written. */
export function pictureOf(sample: Sample): PictureOf {
  const order = ngramOrder.peek();
  return {
    title: `${settingsInWords.peek()}, on ${source.peek().name}`,
    step: sample.step,
    points: points.peek().filter(({ step }) => step <= sample.step),
    baseline: order === null ? null : ngramLosses.peek()[order - 1],
    text: sample.prime + sample.text,
    address: location.host + location.pathname,
  };
}

/** Saves the sample that is shown, with the curve up to it, as a PNG. */
export async function savePicture(): Promise<string> {
  const all = timeline.peek();
  const sample = all.find(({ id }) => id === chosenSample.peek()) ?? all.at(-1);
  if (!sample) throw new Error('there is no text yet');
  const { element, context } = canvas();
  drawPicture(context, pictureOf(sample));
  const blob = await new Promise<Blob | null>((resolve) => element.toBlob(resolve));
  if (!blob) throw new Error('the picture is too large for this browser');
  const name = `lethe-step-${sample.step}.png`;
  save(blob, name);
  return `Saved: ${name}`;
}
