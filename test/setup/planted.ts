/** A model made by hand: one of its units follows quotes. */
import type { Cell } from '../../src/nn/index';
import type { Vocabulary } from '../../src/text/index';
import type { CharModel } from '../../src/train/index';

interface Row {
  bias: number;
  /** An input, and the weight that it has; the others have none. */
  input?: [number, number];
  /** From the unit to itself. */
  recurrent?: number;
}

/** Sets the weights of one unit, and leaves the others as they are. */
async function plant(cell: Cell, unit: number, gates: Record<'i' | 'f' | 'g' | 'o', Row>) {
  const { hiddenSize, inputSize, weight_ih, weight_hh, bias_ih, bias_hh } = cell;
  const parameters = [weight_ih, weight_hh!, bias_ih!, bias_hh!];
  const [ih, hh, bi, bh] = await Promise.all(parameters.map((parameter) => parameter.data()));
  Object.values(gates).forEach(({ bias, input, recurrent = 0 }, gate) => {
    const row = gate * hiddenSize + unit;
    ih.fill(0, row * inputSize, (row + 1) * inputSize);
    hh.fill(0, row * hiddenSize, (row + 1) * hiddenSize);
    if (input) ih[row * inputSize + input[0]] = input[1];
    hh[row * hiddenSize + unit] = recurrent;
    bi[row] = bias;
    bh[row] = 0;
  });
  for (const [k, values] of [ih, hh, bi, bh].entries()) parameters[k].write(values);
}

/** What a model is made of that `plantQuotes` takes. */
export const QUOTES = { cell: 'lstm', hidden: 4, layers: 2, embedding: 0 } as const;

/** Makes unit 2 of layer 1 flip at every quote: its cell state is 0 or 1. */
export async function plantQuotes(model: CharModel, vocabulary: Vocabulary): Promise<void> {
  const [below, above] = model.rnn.cells;
  const quote = vocabulary.encode('"')[0];
  // Remembers nothing: 1 at a quote, and 0 elsewhere.
  await plant(below, 1, {
    i: { bias: 20 },
    f: { bias: -20 },
    g: { bias: 0, input: [quote, 20] },
    o: { bias: 20 },
  });
  // Takes something in at a quote alone: 1, or -1 if it holds 1.
  await plant(above, 2, {
    i: { bias: -20, input: [1, 60] },
    f: { bias: 20 },
    g: { bias: 20, recurrent: -60 },
    o: { bias: 20 },
  });
}
