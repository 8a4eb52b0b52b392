/** The map's part of the studio's worker: which kept models are on it. */
import { describe, expect, test } from 'vitest';

import type { ModelMap } from '../../demos/train/map/protocol';
import { Recorder } from '../../demos/train/map/recorder';
import { passageOf, vectorOf } from '../../demos/train/map/passage';
import { mapService } from '../../demos/train/map/service';
import { readProbabilities } from '../../demos/train/probabilities';
import type { Run } from '../../demos/train/run';
import type { SavedRun } from '../../demos/train/run_file';
import { openDevice } from '../../src/index';
import { splitText } from '../../src/text/index';
import { CharTrainer, markText, saveCheckpoint } from '../../src/train/index';

const TEXT = 'to be or not to be, that is the question.\n'.repeat(20);
const OTHER = TEXT.replaceAll('question', 'pleasure');
const TRAIN = { hidden: 4, embedding: 0, batch: 2, seq: 8, validFraction: 0.1 } as const;

describe('a kept run', async () => {
  const device = await openDevice('cpu');
  const trainerOn = (text: string) => new CharTrainer(device, text, TRAIN);

  /** As the page has it open. */
  function open(id: string, text: string): Run {
    const trainer = trainerOn(text);
    return {
      ...{ id, source: { name: 'a text', text } },
      look: (work: (trainer: CharTrainer) => Promise<unknown>) => work(trainer),
    } as unknown as Run;
  }

  async function saved(text: string, trainer = trainerOn(text)): Promise<SavedRun> {
    const checkpoint = await saveCheckpoint(trainer, markText(text, 'a text'));
    return { id: 'kept', source: { name: 'a text', text }, step: 0, checkpoint } as SavedRun;
  }

  const pointOf = (map: ModelMap) => map.points.find(({ run }) => run === 'kept');

  function service(load: () => Promise<SavedRun | undefined>) {
    const held: { run?: Run } = {};
    const map = mapService({ current: () => held.run, recorder: new Recorder(), load });
    return async (run: Run) => {
      held.run = run;
      const answer = await map.points([{ id: 'kept', step: 0 }]);
      if ('problem' in answer) throw new Error(answer.problem.message);
      return pointOf(answer.value!);
    };
  }

  test('is on the map of its own text alone, whichever text was open before', async () => {
    const kept = await saved(TEXT);
    const on = service(() => Promise.resolve(kept));
    expect(await on(open('a', OTHER))).toBeUndefined();
    expect(await on(open('b', TEXT))).toBeDefined();
    expect(await on(open('c', OTHER))).toBeUndefined();
  });

  test('is tried again where it could not be loaded', async () => {
    const kept = await saved(TEXT);
    let loads = 0;
    const on = service(() => (loads++ === 0 ? Promise.reject(new Error()) : Promise.resolve(kept)));
    const run = open('a', TEXT);
    expect(await on(run)).toBeUndefined();
    expect(await on(run)).toBeDefined();
    await on(run);
    expect(loads).toBe(2);
  });

  test('reads the passage in its own vocabulary, and is left out where that lacks a character', async () => {
    const more = trainerOn(`${TEXT}!$%&ABC`);
    const ids = more.vocabulary.encode(TEXT);
    const passage = passageOf(splitText(ids, TRAIN.validFraction).valid);
    const probabilities = await readProbabilities(more.model, more.vocabulary, passage.ids);
    const kept = await saved(TEXT, more);
    const point = await service(() => Promise.resolve(kept))(open('a', TEXT));
    expect(point?.vector).toEqual(vectorOf(probabilities, passage.length).vector);

    const less = await saved(TEXT, trainerOn('to be or not to be, '.repeat(20)));
    expect(await service(() => Promise.resolve(less))(open('a', TEXT))).toBeUndefined();
  });
});
