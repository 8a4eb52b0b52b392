import { proxy } from 'comlink';

import { loadModel, readCheckpoint } from '../../../src/train/index';
import { answer } from '../../shared/answer';
import { NgramCache, ngramProbabilities, partsOf, snapshotProbabilities } from '../held_out';
import { onCpu, snapshot } from '../model_copy';
import { Questions, readProbabilities, Superseded } from '../probabilities';
import type { Proceed } from '../probabilities';
import type { Run } from '../run';
import type { SavedRun } from '../run_file';
import { passageOf, vectorOf } from './passage';
import type { Passage } from './passage';
import type { KeptModel, MapPoint, MapService, ModelMap } from './protocol';
import type { Recorder } from './recorder';

const ORDERS = 10;

interface Sources {
  readonly current: () => Run | undefined;
  readonly recorder: Recorder;
  /** A run that the browser keeps. */
  readonly load: (id: string) => Promise<SavedRun | undefined>;
}

/** What the worker does for this view. */
export function mapService({ current, recorder, load }: Sources): MapService {
  const questions = new Questions();
  const ngrams = new NgramCache();
  /** By run and step, what a kept model made of the text that it was asked about; null for one of another text. */
  const kept = new Map<string, { text: string; point: MapPoint | null }>();

  async function points(models: readonly KeptModel[]): Promise<ModelMap | null> {
    const proceed = questions.begin();
    const run = current();
    const taken = await run?.look(snapshot);
    if (!run || !taken) return null;
    const { text } = run.source;
    const { vocabulary, step } = taken;
    const parts = partsOf(text, taken);
    const passage = passageOf(parts.valid);
    const read = vocabulary.decode(passage.ids);
    const orders = await ngrams.of(text, taken, () =>
      ngramProbabilities(parts, vocabulary.size, ORDERS, proceed),
    );
    const found: MapPoint[] = orders.map((probabilities, i) => ({
      ...{ kind: 'ngram', run: 'ngrams', at: i + 1 },
      ...vectorOf(probabilities, passage.length),
    }));
    const recorded = recorder.on(text);
    found.push(...recorded.filter(({ vector }) => vector.length === passage.length));
    // A model that was opened, and not evaluated since.
    if (!recorded.some(({ run: id, at }) => id === run.id && at === step)) {
      const probabilities = await snapshotProbabilities(taken, passage.ids, proceed);
      found.push(pointOf(run.id, step, probabilities, passage));
    }
    for (const { id, step } of models) {
      if (found.some(({ run, at }) => run === id && at === step)) continue;
      const key = `${id} ${step}`;
      if (kept.get(key)?.text !== text) {
        const saved = await load(id).catch(() => undefined);
        if (!saved) continue;
        const point =
          saved.source.text === text ? await keptPoint(saved, read, passage, proceed) : null;
        kept.set(key, { text, point });
      }
      const { point } = kept.get(key)!;
      if (point?.vector.length === passage.length) found.push(point);
    }
    return { passage: vocabulary.decode(passage.ids.subarray(-passage.length)), points: found };
  }

  return proxy({
    points: (models: readonly KeptModel[]) =>
      answer(() =>
        points(models).catch((error: unknown) => {
          if (error instanceof Superseded) return null;
          throw error;
        }),
      ),
  });
}

/** Of a model that may number characters in its own way; null where it lacks one. */
function keptPoint(
  { id, step, checkpoint }: SavedRun,
  read: string,
  passage: Passage,
  proceed: Proceed,
): Promise<MapPoint | null> {
  return onCpu(async (device) => {
    const { model, vocabulary } = loadModel(device, readCheckpoint(checkpoint));
    if (!Array.from(read).every((character) => vocabulary.has(character))) return null;
    const ids = vocabulary.encode(read);
    return pointOf(id, step, await readProbabilities(model, vocabulary, ids, proceed), passage);
  });
}

function pointOf(
  run: string,
  at: number,
  probabilities: Float32Array,
  { length }: Passage,
): MapPoint {
  return { kind: 'run', run, at, ...vectorOf(probabilities, length) };
}
