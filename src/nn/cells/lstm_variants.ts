import { DEFINITIONS } from './definitions';
import type { DefinedCell } from './entry';

const GREFF = 'Greff, Srivastava, Koutník, Steunebrink and Schmidhuber (2017)';

const without = (what: string, kind: DefinedCell['kind'], use: string): DefinedCell => ({
  label: `LSTM, no ${what}`,
  kind,
  source: `${GREFF}, where it is a peephole LSTM without its ${what}.`,
  use,
});

/** The LSTM and its variants, by their names in the registry. */
export const LSTMS = {
  lstm: {
    label: 'LSTM',
    kind: DEFINITIONS.lstm,
    compared: true,
    source:
      'Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000).',
    use: 'The first choice. A forget bias of 1 keeps its memory open from the start.',
  },
  peephole: {
    label: 'Peephole LSTM',
    kind: DEFINITIONS.peephole,
    source:
      'Gers and Schmidhuber (2000): the input and forget gate see c before the step, the output gate ' +
      'sees it after. In ONNX, P holds the three vectors.',
    use: 'Counting and precise timing, where a gate has to know what the cell holds; else seldom better than the LSTM.',
  },
  cifg: {
    label: 'LSTM, coupled gates',
    kind: DEFINITIONS.cifg,
    source: `Coupled input and forget gate (CIFG), ${GREFF}; there with peepholes. In ONNX, input_forget = 1.`,
    use: 'A quarter fewer weights than the LSTM, on a par with it.',
  },
  nig: without('input gate', DEFINITIONS.nig, 'For comparisons: what the input gate is worth.'),
  nfg: without(
    'forget gate',
    DEFINITIONS.nfg,
    'The cell of 1997, which forgets nothing. For comparisons: the forget gate matters most.',
  ),
  nog: without('output gate', DEFINITIONS.nog, 'For comparisons: what the output gate is worth.'),
  niaf: without(
    'input activation',
    DEFINITIONS.niaf,
    'For comparisons: what the tanh of the candidate is worth.',
  ),
  noaf: without(
    'output activation',
    DEFINITIONS.noaf,
    'For comparisons: without it the output is unbounded, and training is harder.',
  ),
} as const satisfies Record<string, DefinedCell>;
