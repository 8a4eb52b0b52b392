import type { NumberArray } from '../backend/dtype';
import type { KernelConfig, Launch, Limits, ParamValues, TunableKernel } from '../backend/kernel';
import { defineKernel, grid, include, read, update, wgsl } from '../backend/kernel';
import type { CellDefinition } from '../cell/definition';
import { referenceStep } from './cell_reference';
import { drawReference } from './draw_reference';
import { DRAW_SOURCE } from './draw_token';
import { webgpu } from './webgpu/provided';

/** A model that writes: characters to recurrent layers of equal width, and those to logits. */
export interface WriterSizes {
  readonly layers: number;
  readonly hidden: number;
  readonly vocabulary: number;
}

const BINDINGS = {
  weights: read,
  table: read,
  vectors: read,
  settings: read,
  cursor: { access: 'inout', element: 'u32' },
  id: { access: 'inout', element: 'i32' },
  drawn: { access: 'inout', element: 'i32' },
  states: update,
} as const;

/** The launch sets the overrides and `input_sums`. */
const WRITER = {
  threads: 'override',
  sum_floats: 'override',
  state_floats: 'override',
  odds_floats: 'override',
  layers: 'u32',
  hidden: 'u32',
  vocabulary: 'u32',
  input_sums: 'u32',
  streams: 'u32',
  count: 'u32',
  capacity: 'u32',
} as const;

type WriterParams = ParamValues<typeof WRITER>;

/** Parameters of a launch for `count` characters of each stream. */
export function writerParams(
  given: WriterSizes & Pick<WriterParams, 'streams' | 'count' | 'capacity'>,
): WriterParams {
  const launch = { threads: 0, sum_floats: 0, state_floats: 0, odds_floats: 0, input_sums: 0 };
  return { ...launch, ...given };
}

/**
 * Threads of a workgroup: many, for a stream is one workgroup. On an H100 512 are as fast and 1,024 slower, as all wait
 * for each other several times a character.
 */
const THREADS = 256;
/** Multiply-adds of a character at most: a workgroup reads as many weights for each, by itself. */
const MAX_WEIGHTS = 2 ** 21;
/** Multiply-adds of a workgroup in one dispatch: milliseconds, far from any watchdog. */
const DISPATCH_WORK = 2 ** 27;
/** Floats that an array in workgroup memory is a multiple of. */
const GRAIN = 256;
/** Workgroups that a small GPU runs at once. */
const SIDE_BY_SIDE = 16;

/** Multiply-adds of a character. */
export function weightsOf(
  cell: CellDefinition,
  { layers, hidden, vocabulary }: WriterSizes,
): number {
  const matrices = (cell.dense ? layers : 0) + layers - 1;
  return hidden * (matrices * cell.gates.length * hidden + vocabulary);
}

/** Floats of workgroup memory; `input_sums` is where those begin of the second of two products at once. */
function memoryOf({ dense, gates, state }: CellDefinition, threads: number, sizes: WriterSizes) {
  const { layers, hidden, vocabulary } = sizes;
  const floats = (rows: number): number => {
    const quads = Math.ceil(rows / 4);
    return 4 * quads * Math.max(1, Math.floor(threads / quads));
  };
  const gated = floats(gates.length * hidden);
  const input_sums = dense && layers > 1 ? gated : 0;
  const rest = Math.max(floats(vocabulary), dense || layers > 1 ? gated : 0);
  // Rounded up, so that models of about one size share a pipeline.
  const [sum_floats, state_floats, odds_floats] = [
    ...[input_sums + rest, state.length * layers * hidden, 2 * vocabulary].map(
      (count) => GRAIN * Math.ceil(count / GRAIN),
    ),
  ];
  return { sum_floats, state_floats, odds_floats, input_sums };
}

function threadsOf(invocations: number): number {
  return Math.min(THREADS, 2 ** Math.floor(Math.log2(invocations)));
}

/**
 * Whether the kernel of `writeKernel` serves a model: its weights are few enough for one workgroup to go
 * through for each character, at most 2^21, and what it keeps fits into workgroup memory. With 256 threads and
 * 16 KB, an LSTM of 1x512, 2x256 or 3x256 does, with 100 characters.
 */
export function canWrite(cell: CellDefinition, sizes: WriterSizes, limits: Limits): boolean {
  const { sum_floats, state_floats, odds_floats } = memoryOf(
    cell,
    threadsOf(limits.invocations),
    sizes,
  );
  // Those of lib/draw.wgsl and lib/row.wgsl are 129 more.
  const floats = sum_floats + state_floats + odds_floats + 132;
  return 4 * floats <= limits.workgroupBytes && weightsOf(cell, sizes) <= MAX_WEIGHTS;
}

function launches(cell: CellDefinition, invocations: number, p: WriterParams): readonly Launch[] {
  const threads = threadsOf(invocations);
  const work = weightsOf(cell, p) + p.vocabulary ** 2;
  const turns = Math.ceil(p.streams / SIDE_BY_SIDE);
  const most = Math.max(1, Math.floor(DISPATCH_WORK / (work * turns)));
  const all: Launch[] = [];
  for (let left = p.count; left > 0; left -= most) {
    const params = { threads, ...memoryOf(cell, threads, p), count: Math.min(left, most) };
    all.push(...grid(p.streams).map((launch) => ({ ...launch, params })));
  }
  return all;
}

function sourceOf(cell: CellDefinition): string {
  const { step } = webgpu().shadersOf(cell);
  return wgsl(include('write_text'), step, include('lib/activation'), DRAW_SOURCE);
}

const made = new WeakMap<CellDefinition, TunableKernel<typeof BINDINGS, typeof WRITER>>();

/**
 * A character model writes: recurrent layers, a linear layer, and a draw as that of `drawToken`, `count`
 * times, each character from the one before. For who asks `canWrite` before.
 *
 * - `weights`: matrices as `shaders/write_text.wgsl` tells, [hidden, ceil(rows / 4), 4] each: the layers'
 *   recurrent ones, the input ones of all but the first layer, the one of the logits.
 * - `table`: [vocabulary, gates hidden], the product of the first layer's input matrix with each character.
 * - `vectors`: for each layer [gates (+ gates, where one is apart) + vectors, hidden], the biases and the
 *   cell's vectors; then the biases of the logits, [vocabulary].
 * - `settings`, `cursor`, `id`, `drawn`: see `drawToken`, a row for each stream.
 * - `states`: [state, layers, streams, hidden].
 */
export function writeKernel(cell: CellDefinition): TunableKernel<typeof BINDINGS, typeof WRITER> {
  const known = made.get(cell);
  if (known) return known;
  let source: string | undefined;
  const config = (invocations: number): KernelConfig<typeof WRITER> => ({
    name: 'write_text',
    source: (source ??= sourceOf(cell)),
    launch: (p) => launches(cell, invocations, p),
  });
  const kernel = defineKernel({
    name: 'write_text',
    bindings: BINDINGS,
    params: WRITER,
    cpu(arrays, p) {
      for (let stream = 0; stream < p.streams; stream++) {
        for (let n = 0; n < p.count; n++) write(cell, arrays, p, stream);
      }
    },
    candidates: (_, { invocations }) => ({ sizeClass: cell.name, configs: [config(invocations)] }),
  });
  made.set(cell, kernel);
  return kernel;
}

type Arrays = { readonly [K in keyof typeof BINDINGS]: NumberArray };

/** The next character of a stream. */
function write(cell: CellDefinition, arrays: Arrays, p: WriterParams, stream: number): void {
  const { weights, table, vectors, settings, cursor, id, drawn, states } = arrays;
  const { layers, hidden: H, vocabulary, streams, capacity } = p;
  const G = cell.gates.length;
  const matrix = H * 4 * Math.ceil((G * H) / 4);
  const inputs = cell.dense ? layers * matrix : 0;
  const ofLayer = (cell.biased ? 2 * G : G) + cell.vectors.length;
  const product = (at: number, rows: number, x: NumberArray): number[] => {
    const quads = Math.ceil(rows / 4);
    return Array.from({ length: rows }, (_, row) => {
      const first = at + 4 * (row % quads) + Math.floor(row / quads);
      let sum = 0;
      for (let k = 0; k < H; k++) sum += weights[first + 4 * k * quads] * x[k];
      return sum;
    });
  };
  const character = id[stream];
  let x: NumberArray = table.subarray(character * G * H, (character + 1) * G * H);
  let input = [...x];
  for (let layer = 0; layer < layers; layer++) {
    const state = cell.state.map((_, part) => {
      const at = ((part * layers + layer) * streams + stream) * H;
      return states.subarray(at, at + H);
    });
    if (layer > 0) input = product(inputs + (layer - 1) * matrix, G * H, x);
    const recurrent = cell.dense ? product(layer * matrix, G * H, state[0]) : [];
    referenceStep(cell, vectors.subarray(layer * ofLayer * H), input, recurrent, state);
    x = state[0];
  }
  const bias = layers * ofLayer * H;
  const logits = product(inputs + (layers - 1) * matrix, vocabulary, x);
  const biased = Float64Array.from(logits, (value, i) => value + vectors[bias + i]);
  const own = cursor.subarray(4 * stream, 4 * stream + 4);
  const place = stream * capacity + (own[2] % capacity);
  id[stream] = drawn[place] = drawReference(biased, settings, own);
}
