import { ArgumentError } from '../errors';
import { record } from '../autograd/graph';
import type { DType } from '../backend/dtype';
import { clearRows } from '../kernels/clear_rows';
import { gather } from '../kernels/gather';
import { longestList, SEQUENCE_LISTS, sequenceOrder } from '../kernels/sequence_order';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { empty } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, fullLike, run } from './common';
import { rowsBy } from './indexing';
import { checkLengthsTensor, checkSteps } from './lengths';
import type { Direction } from './ragged';

/** What `SequenceOrder` takes. */
export interface SequenceOrderOptions {
  /** What is packed is [batch, time, ...], instead of [time, batch, ...]. */
  batchFirst?: boolean;
}

const OPTIONS: OptionNames<SequenceOrderOptions> = { batchFirst: 'boolean' };

type Lists = Readonly<Record<(typeof SEQUENCE_LISTS)[number], Tensor>>;

/**
 * As `RaggedBatch`, of lengths that are on the device: the order is made there, so that a recorded step makes
 * it anew at every replay. There are `time` rows for each sequence, and those that none needs lie behind all
 * others. They are zeros in what this class and a scan give, so that no sum takes anything of them.
 */
export class SequenceOrder {
  /** Steps, of which the last ones may be no sequence's. */
  readonly time: number;
  /** Sequences. */
  readonly batch: number;
  /** time * batch. */
  readonly rows: number;
  readonly #lists: Lists;
  readonly #batchFirst: boolean;

  /**
   * @param lengths i32 of [batch], each from 0 to `time`.
   * @throws ArgumentError, DTypeError, ShapeError or IndexError naming the argument.
   */
  constructor(lengths: Tensor, time: number, options: SequenceOrderOptions = {}) {
    const owner = 'SequenceOrder';
    checkSteps(owner, time);
    if (time === 0) {
      throw new ArgumentError(`${owner}: time = 0; there is nothing to order without a step`);
    }
    checkLengthsTensor(owner, lengths, time);
    checkOptions(owner, options, OPTIONS);
    const { batchFirst = false } = options;
    const { device, size: batch } = lengths;
    this.time = time;
    this.batch = batch;
    this.rows = time * batch;
    this.#batchFirst = batchFirst;
    const unit = device.backend.partElements;
    const stride = unit * Math.ceil(longestList({ time, batch }) / unit);
    const lists = empty(device, [SEQUENCE_LISTS.length * stride], 'i32');
    run(
      sequenceOrder,
      { lengths, lists },
      { time, batch, stride, batch_first: batchFirst ? 1 : 0 },
    );
    const sizes: Partial<Record<string, number>> = { table: time + 1 };
    for (const name of ['order', 'ranks', 'last', 'first', 'lastReverse', 'firstReverse']) {
      sizes[name] = batch;
    }
    this.#lists = Object.fromEntries(
      SEQUENCE_LISTS.map((name, i) => [name, lists.view([sizes[name] ?? this.rows], i * stride)]),
    ) as Lists;
    lists.dispose();
  }

  /** i32 of [time + 1]: where the rows of each step begin. @internal */
  get table(): Tensor {
    return this.#lists.table;
  }

  /** @internal */
  get forward(): Direction {
    const { previous, last, first } = this.#lists;
    return { previous, last, first };
  }

  /** @internal */
  get reverse(): Direction {
    const { previousReverse, lastReverse, firstReverse } = this.#lists;
    return { previous: previousReverse, last: lastReverse, first: firstReverse };
  }

  /** Rows that may have a first step. @internal */
  get firstRows(): number {
    return this.batch;
  }

  /** x of [time, batch, ...] without its padding: [rows, ...]. */
  pack(x: Tensor): Tensor {
    const { packed, padded } = this.#lists;
    return arranged(x, 2, packed, padded, [this.rows]);
  }

  /** The way back: zeros where there is padding. */
  pad(x: Tensor): Tensor {
    const { packed, padded } = this.#lists;
    const { time, batch } = this;
    return arranged(x, 1, padded, packed, this.#batchFirst ? [batch, time] : [time, batch]);
  }

  /** A part of the state, [layers, batch, width], the longest sequence first. */
  sort(state: Tensor): Tensor {
    const { order, ranks } = this.#lists;
    return arranged(state, 1, order, ranks, [this.batch], state.shape[0]);
  }

  /** The way back. */
  unsort(state: Tensor): Tensor {
    const { order, ranks } = this.#lists;
    return arranged(state, 1, ranks, order, [this.batch], state.shape[0]);
  }

  /** Rows by step, [time, batch, ...], the longest sequence first: zeros where there is no row. @internal */
  bySteps(x: Tensor): Tensor {
    const { steps, places } = this.#lists;
    return arranged(x, 1, steps, places, [this.time, this.batch]);
  }

  /** The way back. @internal */
  fromSteps(x: Tensor): Tensor {
    const { steps, places } = this.#lists;
    return arranged(x, 2, places, steps, [this.rows]);
  }

  /** Of `bySteps`, [time, batch, 1]: 1 where there is a row, else 0. @internal */
  mask(dtype: DType): Tensor {
    const { steps } = this.#lists;
    const out = emptyLike(steps, [this.time, this.batch, 1], dtype);
    const x = fullLike(out, [this.rows], 1);
    run(gather, { x, ids: steps, out }, rowsBy(steps, this.rows, 1));
    x.dispose();
    return out;
  }

  /** Fills the rows of x, [rows, width], that no sequence needs with zeros. @internal */
  clear(x: Tensor, width: number): void {
    run(clearRows, { begins: this.table, x }, { rows: this.rows, width, at: this.time });
  }

  /** Frees the lists of places on the device. */
  dispose(): void {
    for (const list of Object.values(this.#lists)) list.dispose();
  }
}

/**
 * Rows in another order, zeros where an id is -1; no row goes to two places.
 *
 * @param dims how many dimensions count rows; `shape` stands for them in the result.
 * @param back the order of the gradient.
 * @param outer how often there are such rows: what stands before these dimensions.
 */
function arranged(
  x: Tensor,
  dims: 1 | 2,
  ids: Tensor,
  back: Tensor,
  shape: readonly number[],
  outer?: number,
): Tensor {
  const lead = outer === undefined ? [] : [outer];
  const row = x.shape.slice(lead.length + dims);
  const indexing = {
    ...rowsBy(
      ids,
      ids.size,
      row.reduce((product, size) => product * size, 1),
    ),
    outer: outer ?? 1,
  };
  const gathered = (from: Tensor, at: Tensor, to: readonly number[]): Tensor => {
    const out = emptyLike(from, to);
    run(gather, { x: from, ids: at, out }, indexing);
    return out;
  };
  const out = gathered(x, ids, [...lead, ...shape, ...row]);
  record({
    name: 'arranged',
    inputs: [x],
    outputs: [out],
    savedForBackward: [back],
    vjp: ([g]) => [gathered(g!, back, x.shape)],
  });
  return out;
}
