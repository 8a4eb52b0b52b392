import { noGrad } from '../autograd/graph';
import { ArgumentError, NonFiniteError, ShapeError } from '../errors';
import { embedding } from '../ops/indexing';
import { cat, reshape } from '../ops/movement';
import { logSoftmax } from '../ops/softmax';
import { describeValue } from '../options';
import type { OptionNames } from '../options';
import { dispose, scope } from '../tensor/scope';
import { formatShape, sameShape } from '../tensor/shape';
import { checkTensor, tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { checkSizes } from './check';

/** What a step of a decoder gives for n sequences. */
export interface DecodingStep {
  /** [n, ids] */
  readonly logits: Tensor;
  /** Tensors of [..., n, width], as recurrent layers have them: row i belongs to sequence i. */
  readonly state: readonly Tensor[];
  /** Attention over T places, [n, T]. */
  readonly weights?: Tensor;
}

/**
 * One step of any decoder: ids (i32, [n]) and the state before them to logits of the next ids and the state
 * after. What does not change (attention's keys) stays outside of the state.
 */
export type DecodingFunction = (ids: Tensor, state: readonly Tensor[]) => DecodingStep;

/** What `greedy` and `beamSearch` take. */
export interface DecodingOptions {
  /** The first id that each sequence is given: as many as there are sequences. */
  begin: readonly number[];
  /** The id that ends a sequence. */
  end: number;
  /** Steps at most, that of `end` included: what has not ended by then is cut off. */
  maxLength: number;
}

export const DECODING: OptionNames<DecodingOptions> = { begin: true, end: true, maxLength: true };

/** What was decoded. */
export interface Hypothesis {
  /** Without the first id and the end. */
  readonly ids: readonly number[];
  /** False where it was cut off at `maxLength`. */
  readonly finished: boolean;
  /** Of all ids and the end, in nats. */
  readonly logProbability: number;
  /** By which hypotheses are compared: of `greedy` the log-probability, of `beamSearch` what it is divided to. */
  readonly score: number;
  /** The attention of the step that wrote each id, where there is one. */
  readonly weights: readonly Float32Array[] | undefined;
}

/** The steps of decoding on the device, and what they keep there. */
export class Decoding {
  readonly #owner: string;
  readonly #step: DecodingFunction;
  readonly #options: DecodingOptions;
  readonly #weights: Tensor[] = [];
  #state: readonly Tensor[];
  /** The first state is the caller's. */
  #owned: readonly Tensor[] = [];

  /** @throws ArgumentError or ShapeError for what does not fit. */
  constructor(
    owner: string,
    step: DecodingFunction,
    state: readonly Tensor[],
    options: DecodingOptions,
  ) {
    checkDecoding(owner, step, state, options);
    this.#owner = owner;
    this.#step = step;
    this.#state = state;
    this.#options = options;
  }

  /** The first ids. */
  first(): Tensor {
    return this.ids(this.#options.begin);
  }

  ids(values: readonly number[]): Tensor {
    return tensor(this.#state[0].device, values, [values.length], { dtype: 'i32' });
  }

  /** The state's rows in another order, in which one may come several times. */
  arrange(order: readonly number[]): void {
    this.#keep(scope(() => this.#state.map((part) => pickRows(part, order, this.ids.bind(this)))));
  }

  /** A step; of [n, ids]. */
  advance(ids: Tensor): { logProbabilities: Tensor } {
    const { state, logProbabilities, weights } = noGrad(() =>
      scope(() => {
        const { logits, state, weights } = this.#step(ids, this.#state);
        this.#checkStep(ids.size, logits, state, weights);
        return {
          logProbabilities: logSoftmax(logits, -1),
          // Views: a step may give a tensor that is not its own.
          state: state.map((part) => reshape(part, part.shape)),
          weights: weights && reshape(weights, weights.shape),
        };
      }),
    );
    this.#keep(state);
    if (weights) this.#weights.push(weights);
    return { logProbabilities };
  }

  /** Reads all weights: those of step t and row i. */
  async attention(): Promise<((t: number, i: number) => Float32Array) | undefined> {
    if (this.#weights.length === 0) return undefined;
    const places = this.#weights[0].shape[1];
    const all = scope(() => cat(this.#weights));
    const starts: number[] = [];
    let rows = 0;
    for (const { shape } of this.#weights) {
      starts.push(rows);
      rows += shape[0];
    }
    try {
      const values = await all.data();
      return (t, i) => {
        const start = (starts[t] + i) * places;
        return Float32Array.from(values.subarray(start, start + places));
      };
    } finally {
      all.dispose();
    }
  }

  dispose(): void {
    dispose([this.#owned, this.#weights]);
  }

  #keep(state: readonly Tensor[]): void {
    dispose(this.#owned);
    this.#state = state;
    this.#owned = state;
  }

  #checkStep(
    n: number,
    logits: Tensor,
    state: readonly Tensor[],
    weights: Tensor | undefined,
  ): void {
    const owner = this.#owner;
    checkTensor(owner, 'logits of step', logits);
    const { end } = this.#options;
    if (logits.shape.length !== 2 || logits.shape[0] !== n || logits.shape[1] <= end) {
      throw new ShapeError(
        `${owner}: step gave logits of shape ${formatShape(logits.shape)}; [${n}, ids] is needed, with ` +
          `more ids than end = ${end}`,
      );
    }
    checkState(owner, 'state of step', state, n);
    const before = this.#weights.at(-1) ?? weights;
    if (!before && !weights) return;
    if (weights?.shape.length === 2 && sameShape(weights.shape, [n, before!.shape[1]])) return;
    throw new ShapeError(
      `${owner}: step gave weights of shape ${weights ? formatShape(weights.shape) : 'none'}; ` +
        `[${n}, places] is needed, of as many places at each step`,
    );
  }
}

/** A hypothesis whose logits tell nothing. */
export function notANumber(owner: string, sequence: number): NonFiniteError {
  return new NonFiniteError(
    `${owner}: the logits of sequence ${sequence} are not finite; findNonFinite(model) tells where it ` +
      'comes from',
  );
}

/** Rows of x of [..., n, width], picked by ids. */
function pickRows(
  x: Tensor,
  order: readonly number[],
  idsOf: (values: readonly number[]) => Tensor,
): Tensor {
  const [n, width] = x.shape.slice(-2);
  const leading = x.shape.slice(0, -2);
  const blocks = x.size / (n * width);
  const all = Array.from({ length: blocks }, (_, block) => order.map((row) => block * n + row));
  const rows = embedding(idsOf(all.flat()), reshape(x, [blocks * n, width]));
  return reshape(rows, [...leading, order.length, width]);
}

function checkDecoding(
  owner: string,
  step: DecodingFunction,
  state: readonly Tensor[],
  { begin, end, maxLength }: DecodingOptions,
): void {
  if (typeof step !== 'function') {
    throw new ArgumentError(
      `${owner}: step = ${describeValue(step)}; a function is needed: (ids, state) => ({ logits, state })`,
    );
  }
  const first: unknown = begin;
  if (!Array.isArray(first) || first.length === 0) {
    throw new ArgumentError(
      `${owner}: begin = ${describeValue(begin)}; a list is needed, of the first id of each sequence`,
    );
  }
  for (const [name, ids] of Object.entries({ begin, end: [end] })) {
    for (const id of ids) {
      if (Number.isInteger(id) && id >= 0) continue;
      throw new ArgumentError(`${owner}: ${name} = ${describeValue(id)}; ids are integers from 0`);
    }
  }
  checkSizes(owner, { maxLength });
  checkState(owner, 'state', state, begin.length);
}

function checkState(owner: string, name: string, state: readonly Tensor[], n: number): void {
  const given: unknown = state;
  if (!Array.isArray(given) || given.length === 0) {
    throw new ArgumentError(
      `${owner}: ${name} = ${describeValue(state)}; a list of tensors of [..., ${n}, width] is needed`,
    );
  }
  for (const [i, part] of state.entries()) {
    checkTensor(owner, `${name}: part ${i}`, part);
    if (part.shape.length >= 2 && part.shape.at(-2) === n) continue;
    throw new ShapeError(
      `${owner}: ${name}: part ${i} has shape ${formatShape(part.shape)}; [..., ${n}, width] is needed`,
    );
  }
}
