import { proxy, transfer } from 'comlink';

import { characterInfluence, claimUnits, traceCells } from '../../../src/inspect/index';
import { TextScorer } from '../../../src/train/index';
import type { CharTrainer } from '../../../src/train/index';
import { answer } from '../../shared/answer';
import { modelOf, onCpu, snapshot } from '../model_copy';
import type { Run } from '../run';
import type { CellsService, Guess, Look } from './protocol';

/** Characters that the model expected most, of each. */
const MAX_GUESSES = 5;

/** What the worker does for this view. */
export function cellsService(current: () => Run | undefined): CellsService {
  return proxy({
    async look(text: string) {
      const found = await answer(async () => {
        const look = await current()?.look(async ({ model, vocabulary, step }) => {
          const layers = await traceCells(model, vocabulary.encode(text));
          const guesses = await guess({ model, vocabulary }, text);
          return { text, step, layers, guesses, claims: claimUnits(layers, text) };
        });
        return look ?? null;
      });
      return transfer(found, 'value' in found && found.value ? buffersOf(found.value) : []);
    },

    influence: (text: string, position: number) =>
      answer(async () => {
        const taken = await current()?.look(snapshot);
        if (!taken) return null;
        const { config, vocabulary, step, parameters } = taken;
        return onCpu(async (device) => {
          const model = modelOf(device, vocabulary.size, config, { parameters });
          const found = await characterInfluence(model, vocabulary.encode(text), position);
          return { ...found, text, position, step };
        });
      }),
  });
}

async function guess(
  { model, vocabulary }: Pick<CharTrainer, 'model' | 'vocabulary'>,
  text: string,
): Promise<Guess[]> {
  const scorer = new TextScorer(model, vocabulary, { alternatives: MAX_GUESSES });
  try {
    const scores = await scorer.score(text);
    return scores.map(({ likeliest, probability }) => ({ likeliest, probability }));
  } finally {
    scorer.dispose();
  }
}

/** Handed over, not copied: a layer of 512 units has tens of megabytes. */
function buffersOf({ layers }: Look): ArrayBuffer[] {
  return layers
    .flatMap(({ states, gates }) => [...Object.values(states), ...Object.values(gates)])
    .map(({ buffer }) => buffer as ArrayBuffer);
}
