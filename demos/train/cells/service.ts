import { proxy, transfer } from 'comlink';

import { traceCells } from '../../../src/inspect/index';
import { answer } from '../answer';
import type { Run } from '../run';
import type { CellsService, Look } from './protocol';

/** What the worker does for this view. */
export function cellsService(current: () => Run | undefined): CellsService {
  return proxy({
    async look(text: string) {
      const found = await answer(async () => {
        const look = await current()?.look(async ({ model, vocabulary, step }) => {
          return { text, step, layers: await traceCells(model, vocabulary.encode(text)) };
        });
        return look ?? null;
      });
      return transfer(found, 'value' in found && found.value ? buffersOf(found.value) : []);
    },
  });
}

/** Handed over, not copied: a layer of 512 units has tens of megabytes. */
function buffersOf({ layers }: Look): ArrayBuffer[] {
  return layers
    .flatMap(({ states, gates }) => [...Object.values(states), ...Object.values(gates)])
    .map(({ buffer }) => buffer as ArrayBuffer);
}
