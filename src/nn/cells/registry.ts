import type { CellEntry } from './entry';
import { GRU_ENTRY } from './gru_cell';
import { GRU_RESET_BEFORE_ENTRY } from './gru_reset_before';
import { INDRNN_ENTRY } from './indrnn';
import { LSTMS } from './lstm_variants';
import { MGU_ENTRY } from './mgu';
import { RNN_ENTRY } from './rnn_cell';

// `npm run build:cells` writes what follows from them: facts.ts beside this file, docs/cells.md and shaders/cells/.
/** The [cells](../../../docs/cells.md) of the library by the names that the command line gives them. */
export const CELLS = {
  rnn: RNN_ENTRY,
  lstm: LSTMS.lstm,
  gru: GRU_ENTRY,
  peephole: LSTMS.peephole,
  cifg: LSTMS.cifg,
  indrnn: INDRNN_ENTRY,
  mgu: MGU_ENTRY,
  'gru-reset-before': GRU_RESET_BEFORE_ENTRY,
  nig: LSTMS.nig,
  nfg: LSTMS.nfg,
  nog: LSTMS.nog,
  niaf: LSTMS.niaf,
  noaf: LSTMS.noaf,
} as const satisfies Record<string, CellEntry>;

/** What a cell is called in settings. */
export type CellName = keyof typeof CELLS;
