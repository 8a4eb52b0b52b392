import { encodeText, splitText } from '../../../src/text/index';
import type { CharTrainer } from '../../../src/train/index';
import { readProbabilities } from '../probabilities';
import type { Run } from '../run';
import { passageOf, vectorOf } from './passage';
import type { Passage } from './passage';
import type { MapPoint } from './protocol';

/** Points that a run has at most; where it is evaluated more often, every second one is dropped. */
const MAX_POINTS = 40;

interface Recorded {
  readonly source: string;
  readonly passage: Passage;
  points: MapPoint[];
}

/** What the models of this visit made of the end of their held-out text, at each evaluation. */
export class Recorder {
  readonly #runs = new Map<string, Recorded>();

  /** Takes a point; to be called between two steps. */
  async record({ id, source }: Run, trainer: CharTrainer): Promise<void> {
    const { model, vocabulary, config, step } = trainer;
    let recorded = this.#runs.get(id);
    if (!recorded) {
      const { valid } = splitText(encodeText(source.text).in(vocabulary).ids, config.validFraction);
      recorded = { source: source.text, passage: passageOf(valid), points: [] };
      this.#runs.set(id, recorded);
    }
    const { ids, length } = recorded.passage;
    if (length < 2) return;
    const found = vectorOf(await readProbabilities(model, vocabulary, ids), length);
    // A run that went back to an earlier step goes on from there.
    const before = recorded.points.filter(({ at }) => at < step);
    recorded.points = thinned([...before, { kind: 'run', run: id, at: step, ...found }]);
  }

  /** The points of all runs on a text. */
  on(text: string): MapPoint[] {
    return [...this.#runs.values()]
      .filter(({ source }) => source === text)
      .flatMap(({ points }) => points);
  }
}

/** Every second point, but for the last, where they are too many. */
function thinned(points: MapPoint[]): MapPoint[] {
  if (points.length <= MAX_POINTS) return points;
  return points.filter((_, i) => i % 2 === 0 || i === points.length - 1);
}
