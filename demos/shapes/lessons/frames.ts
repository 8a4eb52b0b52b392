import { DataError } from '../../../src/errors';
import { tensor } from '../../../src/index';
import type { Lesson } from '../../learn/lesson';
import { collate, PIXELS } from '../../tasks/frames/batch';
import { drawClips, LABELS } from '../../tasks/frames/clips';
import type { Clip, Label } from '../../tasks/frames/clips';
import { frameProbabilities, frames as example, FRAMES } from '../../tasks/frames/index';
import { Watcher } from '../../tasks/frames/models';
import { FIRST } from '../switches';
import type { LessonSettings } from './settings';
import { stepGradients } from './watched';

export interface FrameReply {
  readonly frames: readonly {
    /** [16, 16], row by row from the top, each from 0 to 1. */
    readonly pixels: readonly number[];
    /** What it is, and what the network says that it is. */
    readonly truth: Label;
    readonly label: Label;
    readonly probability: number;
  }[];
}

/** The number of a clip to draw: a number makes the same clip every time, and none was learnt from. */
export const frames: Lesson<
  LessonSettings,
  string,
  FrameReply,
  Watcher,
  { labels: readonly string[] }
> = {
  evaluations: 12,
  example(settings) {
    const { cell, directions } = settings?.switches ?? FIRST;
    const network = { cell, bidirectional: directions === 'both' };
    const chosen: typeof example = {
      ...example,
      model: (device, _meta, { random }) => new Watcher(device, random, network),
    };
    return chosen;
  },
  async answer(model, _meta, input) {
    const clip = clipOf(input);
    const rows = await frameProbabilities(model, clip);
    return {
      frames: rows.map((row, t) => {
        const probability = Math.max(...row);
        return {
          pixels: Array.from(clip.pixels.subarray(t * PIXELS, (t + 1) * PIXELS)),
          truth: clip.labels[t],
          label: LABELS[row.indexOf(probability)],
          probability,
        };
      }),
    };
  },
  gradient(model, _meta, input, output) {
    const { pixels } = collate([clipOf(input)]);
    const { encoder, rnn, decoder } = model;
    return stepGradients(model, { rnn, decoder }, output, () =>
      encoder.forward(tensor(decoder.weight.device, pixels.data, pixels.shape)),
    );
  },
};

/**
 * Those to learn from, to choose by and to test on are drawn from the numbers 1 to 3, one after the other: none of them
 * has a number here.
 *
 * @throws DataError for what is no whole number from 0.
 */
function clipOf(input: string): Clip {
  const number = input.trim();
  if (!/^\d{1,9}$/.test(number)) {
    const given = number === '' ? 'There' : `“${number}”`;
    throw new DataError(
      `${given} is no whole number from 0: give one of at most nine digits, such as 7.`,
    );
  }
  return drawClips(1, FRAMES, 1000 + Number(number))[0];
}
