import type { DefinedCell } from './entry';
import { lstmOf } from './lstm';
import type { LSTMVariant } from './lstm';

const GREFF = 'Greff, Srivastava, Koutník, Steunebrink and Schmidhuber (2017)';

const without = (what: string, variant: LSTMVariant, use: string): DefinedCell => ({
  label: `LSTM, no ${what}`,
  kind: lstmOf({ peephole: true, ...variant }),
  source: `${GREFF}, where it is a peephole LSTM without its ${what}.`,
  use,
});

/** The LSTM and its variants, by their names in the registry. */
export const LSTMS = {
  lstm: {
    label: 'LSTM',
    kind: lstmOf(),
    compared: true,
    source:
      'Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000).',
    use: 'The first choice. A forget bias of 1 keeps its memory open from the start.',
  },
  peephole: {
    label: 'Peephole LSTM',
    kind: lstmOf({ peephole: true }),
    source:
      'Gers and Schmidhuber (2000): the input and forget gate see c before the step, the output gate ' +
      'sees it after. In ONNX, P holds the three vectors.',
    use: 'Counting and precise timing, where a gate has to know what the cell holds; else seldom better than the LSTM.',
  },
  cifg: {
    label: 'LSTM, coupled gates',
    kind: lstmOf({ coupled: true }),
    source: `Coupled input and forget gate (CIFG), ${GREFF}; there with peepholes. In ONNX, input_forget = 1.`,
    use: 'A quarter fewer weights than the LSTM, on a par with it.',
  },
  nig: without(
    'input gate',
    { inputGate: false },
    'For comparisons: what the input gate is worth.',
  ),
  nfg: without(
    'forget gate',
    { forgetGate: false },
    'The cell of 1997, which forgets nothing. For comparisons: the forget gate matters most.',
  ),
  nog: without(
    'output gate',
    { outputGate: false },
    'For comparisons: what the output gate is worth.',
  ),
  niaf: without(
    'input activation',
    { inputActivation: false },
    'For comparisons: what the tanh of the candidate is worth.',
  ),
  noaf: without(
    'output activation',
    { outputActivation: false },
    'For comparisons: without it the output is unbounded, and training is harder.',
  ),
} as const satisfies Record<string, DefinedCell>;
