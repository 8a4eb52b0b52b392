import type { CellDefinition } from '../../cell/definition';
import { gru } from './gru_cell';
import { indrnn } from './indrnn';
import { lstmOf } from './lstm';
import { mgu } from './mgu';
import { rnn } from './rnn_cell';

/** The cells of the registry that are given by their equations, by name: these alone, without layers. */
export const DEFINITIONS = {
  rnn: rnn.tanh,
  lstm: lstmOf(),
  gru,
  peephole: lstmOf({ peephole: true }),
  cifg: lstmOf({ coupled: true }),
  indrnn,
  mgu,
  nig: lstmOf({ peephole: true, inputGate: false }),
  nfg: lstmOf({ peephole: true, forgetGate: false }),
  nog: lstmOf({ peephole: true, outputGate: false }),
  niaf: lstmOf({ peephole: true, inputActivation: false }),
  noaf: lstmOf({ peephole: true, outputActivation: false }),
} as const satisfies Record<string, CellDefinition>;
