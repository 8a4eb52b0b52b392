import type { CellDefinition } from '../cell/definition';
import { runProgram } from '../cell/program';
import type { Program } from '../cell/program';
import type { NumberArray } from '../backend/dtype';
import type { ScanParams } from './scan_config';

type Arrays<Name extends string> = Readonly<Record<Name, NumberArray>>;

/** Where rows lie; shaders/lib/scan_rows.wgsl has the same. */
class Rows {
  readonly #p: ScanParams;
  readonly #table: NumberArray;

  constructor(p: ScanParams, table: NumberArray) {
    this.#p = p;
    this.#table = table;
  }

  /** Of the n-th step that the scan makes. */
  time(n: number): number {
    return this.#p.reverse ? this.#p.time - 1 - n : n;
  }

  /** Rows that the n-th step has; none, where there is no such step. */
  count(n: number): number {
    const { time, ragged, batch } = this.#p;
    if (n < 0 || n >= time) return 0;
    const t = this.time(n);
    return ragged ? this.#table[t + 1] - this.#table[t] : batch;
  }

  /** Row r of the n-th step. */
  row(layer: number, n: number, r: number): number {
    const { time, batch, ragged } = this.#p;
    const t = this.time(n);
    return (ragged ? this.#table[t] : (layer * time + t) * batch) + r;
  }

  /** Where row r of the n-th step has its state before. */
  previous(layer: number, n: number, r: number): number {
    if (r < this.count(n - 1)) return this.row(layer, n - 1, r);
    return this.#p.rows + layer * this.#p.batch + r;
  }
}

/** Numbers of a program; they stay between runs. */
function slotsOf(program: Program): Float64Array {
  const at = new Float64Array(program.slots);
  at.set(program.constants, program.externals);
  return at;
}

/** The matrices of the layers, each of so many rows of H, among the weights of a scan. */
function matricesOf(weight: NumberArray, { layers, hidden: H }: ScanParams, rows: number) {
  const matrix = (i: number) => weight.subarray(i * rows * H, (i + 1) * rows * H);
  return {
    recurrent: (layer: number) => matrix(layer),
    /** Of a layer above the first. */
    input: (layer: number) => matrix(layers + layer - 1),
  };
}

/** What lies how far apart. */
function sizesOf(cell: CellDefinition, { rows, layers, batch, hidden }: ScanParams) {
  const { gates, slots, state, vectors, biased } = cell;
  return {
    ...{ G: gates.length, K: slots.length, S: state.length, V: vectors.length },
    biases: biased ? gates.length : 0,
    /** Floats of a part of the state. */
    part: (rows + layers * batch) * hidden,
  };
}

/** `scan_forward` in plain loops. */
export function referenceForward(
  cell: CellDefinition,
  {
    weight,
    vectors,
    table,
    gates,
    states,
  }: Arrays<'weight' | 'vectors' | 'table' | 'gates' | 'states'>,
  p: ScanParams,
): void {
  const { layers, hidden: H } = p;
  const { G, K, S, V, biases, part } = sizesOf(cell, p);
  const rows = new Rows(p, table);
  const matrices = matricesOf(weight, p, G * H);
  const at = slotsOf(cell.forward);
  /** A row of a matrix by a row of the output. */
  const product = (matrix: NumberArray, line: number, row: number): number => {
    let sum = 0;
    for (let k = 0; k < H; k++) sum += matrix[line * H + k] * states[row * H + k];
    return sum;
  };
  const unit = (layer: number, n: number, r: number, j: number): void => {
    const row = rows.row(layer, n, r);
    const before = rows.previous(layer, n, r);
    const own = layer * (biases + V) * H + j;
    for (let k = 0; k < K; k++) {
      at[k] = p.recurrent && k >= G ? 0 : gates[(row * K + k) * H + j];
      if (k < G && layer > 0) {
        at[k] += product(matrices.input(layer), k * H + j, rows.row(layer - 1, n, r));
      }
    }
    for (const { gate, count, slot } of cell.runs) {
      for (let i = 0; i < count; i++) {
        if (cell.biased) at[slot + i] += vectors[own + (gate + i) * H];
        if (!p.recurrent) continue;
        at[slot + i] += product(matrices.recurrent(layer), (gate + i) * H + j, before);
      }
    }
    for (let i = 0; i < S; i++) at[K + i] = states[i * part + before * H + j];
    for (let i = 0; i < V; i++) at[K + S + i] = vectors[own + (biases + i) * H];
    runProgram(cell.forward, at);
    for (let k = 0; k < K; k++) {
      if (cell.keptSlots[k]) gates[(row * K + k) * H + j] = at[k];
    }
    for (let i = 0; i < S; i++) states[i * part + row * H + j] = at[K + S + V + i];
  };
  for (let layer = 0; layer < layers; layer++) {
    for (let n = p.begin; n < p.end; n++) {
      for (let r = 0; r < rows.count(n); r++) {
        for (let j = 0; j < H; j++) unit(layer, n, r, j);
      }
    }
  }
}

/** `scan_backward` in plain loops. */
export function referenceBackward(
  cell: CellDefinition,
  {
    weight,
    vectors,
    table,
    gates,
    states,
    dy,
    dstate,
  }: Arrays<'weight' | 'vectors' | 'table' | 'gates' | 'states' | 'dy' | 'dstate'>,
  p: ScanParams,
): void {
  const { layers, time, batch, hidden: H } = p;
  const { G, K, S, V, biases, part } = sizesOf(cell, p);
  const rows = new Rows(p, table);
  const matrices = matricesOf(weight, p, G * H);
  const stride = layers * batch * H;
  const at = slotsOf(cell.backward);
  /** The gradients of `count` gates of a row from a slot on, by column j of a matrix. */
  const product = (
    row: number,
    slot: number,
    count: number,
    matrix: NumberArray,
    gate: number,
    j: number,
  ): number => {
    let sum = 0;
    for (let k = 0; k < count * H; k++) {
      sum += gates[(row * K + slot) * H + k] * matrix[(gate * H + k) * H + j];
    }
    return sum;
  };
  const unit = (layer: number, n: number, r: number, j: number): void => {
    const state = (layer * batch + r) * H + j;
    const active = r < rows.count(n);
    let back = 0;
    if (p.recurrent && r < rows.count(n + 1)) {
      const after = rows.row(layer, n + 1, r);
      for (const { gate, count, slot } of cell.runs) {
        back += product(after, slot, count, matrices.recurrent(layer), gate, j);
      }
    }
    if (!active) {
      dstate[state] += back;
      return;
    }
    const row = rows.row(layer, n, r);
    const before = rows.previous(layer, n, r);
    const own = layer * (biases + V) * H + j;
    const outer =
      layer === layers - 1
        ? dy[rows.row(0, n, r) * H + j]
        : product(rows.row(layer + 1, n, r), 0, G, matrices.input(layer + 1), 0, j);
    let slot = 0;
    for (let k = 0; k < K; k++) at[slot++] = gates[(row * K + k) * H + j];
    for (let i = 0; i < S; i++) at[slot++] = states[i * part + before * H + j];
    for (let i = 0; i < S; i++) at[slot++] = states[i * part + row * H + j];
    for (let i = 0; i < V; i++) at[slot++] = vectors[own + (biases + i) * H];
    at[slot++] = back + outer;
    for (let i = 0; i < S + V; i++) at[slot + i] = dstate[i * stride + state];
    runProgram(cell.backward, at);
    for (let k = 0; k < K; k++) gates[(row * K + k) * H + j] = at[k];
    for (let i = 0; i < S + V; i++) dstate[i * stride + state] = at[slot + i];
  };
  for (let layer = layers - 1; layer >= 0; layer--) {
    for (let s = p.begin; s < p.end; s++) {
      const n = time - 1 - s;
      for (let r = 0; r < Math.max(rows.count(n), rows.count(n + 1)); r++) {
        for (let j = 0; j < H; j++) unit(layer, n, r, j);
      }
    }
  }
}
