import { ArgumentError, ShapeError } from '../errors';
import { transpose } from '../ops/axes';
import { checkFloats, checkShapeIs, fullLike } from '../ops/common';
import { matmul } from '../ops/matmul';
import { reshape } from '../ops/movement';
import { add, mul, tanh, where } from '../ops/pointwise';
import { softmax } from '../ops/softmax';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import { scope } from '../tensor/scope';
import { formatShape } from '../tensor/shape';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { checkSizes } from './check';
import { defaultRandom, INIT_OPTIONS } from './init';
import type { InitOptions } from './init';
import { Linear } from './linear';
import { Module } from './module';

export const ATTENTION_KINDS = ['dot', 'general', 'additive'] as const;
/** How a query and a key make a score: `Attention` has the formulas. */
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

/** What `Attention` takes. */
export interface AttentionOptions extends InitOptions {
  /** How a score is computed: `dot`, `general` or `additive`. */
  kind: AttentionKind;
  /** Width of the queries. */
  querySize: number;
  /** Width of the keys; `dot` needs that of the queries. */
  keySize: number;
  /** Of `additive` alone: the width of its hidden layer; `querySize` when left out. */
  size?: number;
}

const ATTENTION_OPTIONS: OptionNames<AttentionOptions> = {
  kind: true,
  querySize: true,
  keySize: true,
  size: true,
  ...INIT_OPTIONS,
};

/** What `Attention` takes besides queries and keys. */
export interface AttentionMask {
  /** [T, B] of 1 where a key counts and 0 where it is padding, of the keys' dtype; all count when left out. */
  mask?: Tensor;
}

const MASK: OptionNames<AttentionMask> = { mask: true };

/** Keys made ready for any number of queries: what does not depend on these is computed once. */
export interface AttentionMemory {
  /** The keys, [B, T, key]. */
  readonly keys: Tensor;
  /** What the scores compare a query with, [B, T, width]. */
  readonly projected: Tensor;
  /** [B, 1, T] */
  readonly mask: Tensor | undefined;
}

/** What `Attention` gives. */
export interface AttentionResult {
  /** The mean of the keys under the weights: [B, key], or [Tq, B, key] of many queries. */
  context: Tensor;
  /** Softmax of the scores over the keys: [B, T], or [Tq, B, T]. Of a query without keys, zeros. */
  weights: Tensor;
}

/**
 * Attention with dot, bilinear (Luong) or additive (Bahdanau) scores: a layer that weighs the keys k_1 ... k_T
 * of each sequence by how well they fit a query q, and gives their weighted mean:
 *
 *     weights = softmax over t of score(q, k_t),  context = sum over t of weights_t k_t
 *
 *     dot       score = q . k                    (Luong et al., 2015)
 *     general   score = q . W k                  (Luong et al., 2015); key_layer
 *     additive  score = v . tanh(W q + U k)      (Bahdanau et al., 2015); query_layer, key_layer, energy_layer
 *
 * The layers have no bias. `dot` and `general` take all queries of a decoder as batched matrix products.
 * `additive` holds tanh(W q + U k) for each pair, two tensors of [B, Tq, T, size]: for 32 sentences of 25
 * words, 25 queries and size 256, 20 MB each.
 *
 * @example
 * ```ts
 * import { ones, openDevice } from 'lethe';
 * import { Attention } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const attention = new Attention(device, { kind: 'general', querySize: 8, keySize: 16 });
 * const memory = attention.project(ones(device, [5, 3, 16])); // keys of [time, batch, key]
 * const { context, weights } = attention.forward(ones(device, [3, 8]), memory);
 * console.log(context.shape, weights.shape); // [ 3, 16 ] [ 3, 5 ]
 * ```
 */
export class Attention extends Module {
  /** How a score is computed. */
  readonly kind: AttentionKind;
  /** Width of the queries. */
  readonly querySize: number;
  /** Width of the keys. */
  readonly keySize: number;
  /** W of `additive`: querySize to size. */
  readonly query_layer: Linear | undefined;
  /** W of `general`, U of `additive`. */
  readonly key_layer: Linear | undefined;
  /** v of `additive`: size to 1. */
  readonly energy_layer: Linear | undefined;

  /** @throws ArgumentError for an unknown kind, and for sizes that do not fit it. */
  constructor(device: Device, options: AttentionOptions) {
    super();
    checkDevice('Attention', device);
    checkOptions('Attention', options, ATTENTION_OPTIONS);
    const { kind, querySize, keySize, size, random = defaultRandom(), dtype } = options;
    checkKind('Attention', 'kind', kind);
    checkSizes('Attention', { querySize, keySize, ...(size !== undefined && { size }) });
    if (kind === 'dot' && querySize !== keySize) {
      throw new ArgumentError(
        `Attention: querySize = ${querySize} and keySize = ${keySize}; dot needs equal ones, general ` +
          'and additive take any',
      );
    }
    if (kind !== 'additive' && size !== undefined) {
      throw new ArgumentError(`Attention: size = ${size} is of additive alone; leave it out`);
    }
    this.kind = kind;
    this.querySize = querySize;
    this.keySize = keySize;
    const init = { bias: false, random, dtype };
    if (kind === 'general') this.key_layer = new Linear(device, keySize, querySize, init);
    if (kind === 'additive') {
      const width = size ?? querySize;
      this.query_layer = new Linear(device, querySize, width, init);
      this.key_layer = new Linear(device, keySize, width, init);
      this.energy_layer = new Linear(device, width, 1, init);
    }
  }

  /**
   * Makes keys ready, once for all queries that come one by one.
   *
   * @param keys [T, B, key].
   * @throws ShapeError, DTypeError or DeviceError naming the argument.
   */
  project(keys: Tensor, options: AttentionMask = {}): AttentionMemory {
    checkOptions('Attention', options, MASK);
    checkTensor('Attention', 'keys', keys);
    if (keys.shape.length !== 3 || keys.shape[2] !== this.keySize) {
      throw new ShapeError(
        `Attention: keys have shape ${formatShape(keys.shape)}; [time, batch, ${this.keySize}] is needed`,
      );
    }
    const { mask } = options;
    const [time, batch] = keys.shape;
    checkFloats('Attention', mask ? { keys, mask } : { keys });
    if (mask) checkShapeIs('Attention', 'mask', mask, [time, batch]);
    return scope(() => {
      const rows = exchanged(keys);
      return {
        keys: rows,
        projected: this.key_layer?.forward(rows) ?? rows,
        mask: mask && reshape(exchanged(mask), [batch, 1, time]),
      };
    });
  }

  /**
   * @param query [B, query], or [Tq, B, query] for many queries of each sequence.
   * @param keys [T, B, key], with a mask where they are padded; or what `project` made of them.
   * @throws ArgumentError, ShapeError, DTypeError or DeviceError naming the argument.
   */
  forward(query: Tensor, keys: Tensor, options?: AttentionMask): AttentionResult;
  forward(query: Tensor, memory: AttentionMemory): AttentionResult;
  forward(
    query: Tensor,
    keys: Tensor | AttentionMemory,
    options: AttentionMask = {},
  ): AttentionResult {
    checkTensor('Attention', 'query', query);
    const given: object | null | undefined = keys;
    const isMemory = typeof given === 'object' && given !== null && 'projected' in given;
    if (isMemory && options.mask) {
      throw new ArgumentError(
        'Attention: mask goes with the keys; give it to project(keys, { mask })',
      );
    }
    return scope(() => {
      const memory = isMemory ? (keys as AttentionMemory) : this.project(keys as Tensor, options);
      const [batch] = memory.keys.shape;
      this.#checkQuery(query, memory.keys);
      const many = query.shape.length === 3;
      const rows = many ? exchanged(query) : reshape(query, [batch, 1, -1]);
      const weights = normalized(this.#scores(rows, memory.projected), memory.mask);
      const context = matmul(weights, memory.keys);
      const given = (x: Tensor): Tensor => (many ? exchanged(x) : reshape(x, [batch, x.shape[2]]));
      return { context: given(context), weights: given(weights) };
    });
  }

  #checkQuery(query: Tensor, keys: Tensor): void {
    checkFloats('Attention', { keys, query });
    const { shape } = query;
    const [batch] = keys.shape;
    const rank = shape.length;
    if (
      (rank === 2 || rank === 3) &&
      shape[rank - 2] === batch &&
      shape[rank - 1] === this.querySize
    ) {
      return;
    }
    throw new ShapeError(
      `Attention: query has shape ${formatShape(shape)}; [${batch}, ${this.querySize}] is needed, or ` +
        `[queries, ${batch}, ${this.querySize}], for keys of ${batch} sequences`,
    );
  }

  /** Queries of [B, Tq, query] and keys of [B, T, width] to scores of [B, Tq, T]. */
  #scores(queries: Tensor, projected: Tensor): Tensor {
    const { query_layer, energy_layer } = this;
    if (!query_layer || !energy_layer) return matmul(queries, projected, { transposeB: true });
    const [batch, time, width] = projected.shape;
    const count = queries.shape[1];
    const ofQueries = reshape(query_layer.forward(queries), [batch, count, 1, width]);
    const ofKeys = reshape(projected, [batch, 1, time, width]);
    return reshape(energy_layer.forward(tanh(add(ofQueries, ofKeys))), [batch, count, time]);
  }
}

/** @throws ArgumentError unless it is dot, general or additive. */
export function checkKind(owner: string, name: string, kind: AttentionKind): void {
  if (ATTENTION_KINDS.includes(kind)) return;
  throw new ArgumentError(
    `${owner}: ${name} = ${describeValue(kind)}; choose one of ${ATTENTION_KINDS.join(', ')}`,
  );
}

/** Far below any score, and finite: a row of nothing else has a softmax. */
const MASKED = -1e30;

/** The softmax of [B, Tq, T] over the keys that count; zeros where none does. */
function normalized(scores: Tensor, mask: Tensor | undefined): Tensor {
  if (!mask) return softmax(scores, -1);
  return mul(softmax(where(mask, scores, fullLike(scores, [], MASKED)), -1), mask);
}

/** The first two dimensions exchanged, without a copy where one of them is 1. */
function exchanged(x: Tensor): Tensor {
  const [a, b, ...rest] = x.shape;
  return a === 1 || b === 1 ? reshape(x, [b, a, ...rest]) : transpose(x, 0, 1);
}
