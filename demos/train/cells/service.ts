import { proxy, transfer } from 'comlink';

import { traceCells } from '../../../src/inspect/index';
import { problemOf } from '../problem';
import type { Run } from '../run';
import type { CellsService } from './protocol';

/** What the worker does for this view. */
export function cellsService(current: () => Run | undefined): CellsService {
  return proxy({
    async look(text: string) {
      const run = current();
      if (!run) return { problem: { kind: 'other', message: 'There is no model to look at.' } };
      try {
        const look = await run.look(async ({ model, vocabulary, step }) => {
          return { text, step, layers: await traceCells(model, vocabulary.encode(text)) };
        });
        // Handed over, not copied: a layer of 512 units has tens of megabytes.
        const arrays = look.layers.flatMap(({ h, c, tanhC, gates }) => [
          ...[h, c, tanhC].filter((values) => values !== undefined),
          ...Object.values(gates),
        ]);
        return transfer(
          { look },
          arrays.map(({ buffer }) => buffer as ArrayBuffer),
        );
      } catch (error) {
        return { problem: problemOf(error) };
      }
    },
  });
}
