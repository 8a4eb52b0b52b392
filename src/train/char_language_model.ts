import type { CtcBatchLanguageModel, CtcNextLabels } from '../ctc/index';
import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { dispose } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { Vocabulary } from '../text/vocabulary';
import type { CharModel } from './char_model';
import { evalMode } from './eval_mode';
import { primeOf, readPrime } from './prime';

/** What `charLanguageModel` takes. */
export interface CharLanguageModelOptions {
  /** The class that is no label: 0 when left out. The classes but this one, in order, are the ids of the vocabulary. */
  blank?: number;
  /** Read before the first label; a line end when left out. */
  prime?: string;
}

const OPTIONS: OptionNames<CharLanguageModelOptions> = { blank: true, prime: true };

/** The parts of a state for one prefix, each of [layers, hidden], on the host. */
export type CharLanguageState = readonly Float32Array[];

/**
 * A character model as the language model of `ctcBatchBeamSearch`: class c of the network is id c of the vocabulary,
 * or id c - 1 from the blank on. The state of each prefix is kept on the host; a frame costs one step of the model for
 * the prefixes that are new in the beam, so that the CPU suits models up to some hundred units better than a GPU.
 *
 * @throws TextError when `prime` has a character that the vocabulary lacks.
 * @throws ArgumentError for an empty prime, or a blank that is no class.
 */
export function charLanguageModel(
  model: CharModel,
  vocabulary: Vocabulary,
  options: CharLanguageModelOptions = {},
): CtcBatchLanguageModel<CharLanguageState> {
  checkOptions('charLanguageModel', options, OPTIONS);
  const { blank = 0 } = options;
  if (!Number.isInteger(blank) || blank < 0 || blank > vocabulary.size) {
    throw new ArgumentError(
      `charLanguageModel: blank = ${describeValue(blank)}; a class is needed, an integer from 0 to ${vocabulary.size}`,
    );
  }
  const prime = primeOf(vocabulary, options.prime);
  const { device } = model.decoder.weight;

  /** A step for several texts, which uses up `before`. */
  const step = async (ids: ArrayLike<number>, before: readonly Tensor[]) => {
    const count = ids.length;
    const run = () => model.forward(tensor(device, ids, [1, count], { dtype: 'i32' }), before);
    let made: readonly Tensor[] = [];
    try {
      const { logits, state } = evalMode(model, run);
      made = [logits, ...state];
      const read = made.map((part) => part.data() as Promise<Float32Array>);
      const [scores, ...parts] = await Promise.all(read);
      return Array.from({ length: count }, (_, row): CtcNextLabels<CharLanguageState> => ({
        state: parts.map((part, i) => rowOf(part, state[i].shape, row)),
        logProbabilities: byClass(scores, row, vocabulary.size, blank),
      }));
    } finally {
      dispose([made, before]);
    }
  };

  return {
    blank,
    async start() {
      const zeros = model.zeroState(1);
      const before = await readPrime(model, prime.subarray(0, -1), zeros);
      dispose(zeros);
      const [first] = await step(prime.subarray(-1), before);
      return first;
    },
    next(states, labels) {
      const zeros = model.zeroState(1);
      const before = zeros.map(({ shape: [layers, , hidden] }, part) => {
        const rows = states.map((state) => state[part]);
        return tensor(device, columnsOf(rows, layers, hidden), [layers, rows.length, hidden]);
      });
      dispose(zeros);
      return step(
        labels.map((label) => (label > blank ? label - 1 : label)),
        before,
      );
    },
  };
}

/** Row `row` of [layers, rows, hidden], as [layers, hidden]. */
function rowOf(values: Float32Array, shape: readonly number[], row: number): Float32Array {
  const [layers, rows, hidden] = shape;
  const own = new Float32Array(layers * hidden);
  for (let layer = 0; layer < layers; layer++) {
    const from = (layer * rows + row) * hidden;
    own.set(values.subarray(from, from + hidden), layer * hidden);
  }
  return own;
}

/** Rows of [layers, hidden] as [layers, rows, hidden]. */
function columnsOf(rows: readonly Float32Array[], layers: number, hidden: number): Float32Array {
  const values = new Float32Array(layers * rows.length * hidden);
  for (let layer = 0; layer < layers; layer++) {
    for (const [row, own] of rows.entries()) {
      const part = own.subarray(layer * hidden, (layer + 1) * hidden);
      values.set(part, (layer * rows.length + row) * hidden);
    }
  }
  return values;
}

/** log-softmax of a row of logits, with a class more for the blank. */
function byClass(logits: Float32Array, row: number, size: number, blank: number): Float64Array {
  const own = logits.subarray(row * size, (row + 1) * size);
  let top = -Infinity;
  for (const logit of own) if (!(logit <= top)) top = logit;
  let sum = 0;
  for (const logit of own) sum += Math.exp(logit - top);
  const total = top + Math.log(sum);
  return Float64Array.from({ length: size + 1 }, (_, c) => {
    if (c === blank) return -Infinity;
    return own[c > blank ? c - 1 : c] - total;
  });
}
