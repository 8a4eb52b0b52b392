import { ArgumentError } from '../errors';
import { inOrder } from './expression';
import type { Expression } from './expression';
import { lower } from './program';
import type { Program } from './program';
import { checkSpec } from './spec';
import type { CellSpec } from './spec';
import { activationsOf, keep, knownOf, trace } from './trace';
import type { Run } from './wgsl';

/** What the scan keeps of each unit's pre-activations at most, and the numbers it sums at once. */
export const MAX_SLOTS = 4;

/**
 * A cell, compiled by `defineCell`: its step and the gradient of that, as programs that the scan over time
 * runs, on the CPU or, as WGSL, on a GPU.
 */
export class CellDefinition {
  /** The equations that it was compiled from. */
  readonly spec: CellSpec;
  /** Names the cell in kernels, timings and errors. */
  readonly name: string;
  /** Names of the gates, in the order of their rows in the weights. */
  readonly gates: readonly string[];
  /** Names of the parts of the state, the output first. */
  readonly state: readonly string[];
  /** Names of the vectors. */
  readonly vectors: readonly string[];
  /** Whether there is a weight_hh. */
  readonly dense: boolean;
  /** Whether bias_hh is added in the scan: it is, where a gate sees it apart. Else bias_ih takes both. */
  readonly biased: boolean;
  /** What a unit keeps of a step: a number for each gate, then the recurrent products that are apart. */
  readonly slots: readonly string[];
  /** @internal */
  readonly runs: readonly Run[];
  /** Of each slot, whether the gradient needs what it holds after a step; else the state tells all. @internal */
  readonly keptSlots: readonly boolean[];
  /** On slots [z, s, v, next state]; z takes what the gradient needs. @internal */
  readonly forward: Program;
  /** As `forward`, but z takes what each gate is after its activation. For looking into a cell. @internal */
  readonly observed: Program;
  /**
   * On slots [kept, s, next state, v, dy, d, a]: kept takes the gradients of z, d those of the state
   * after and before, a sums those of the vectors. dy is the gradient of the output beside d's. @internal
   */
  readonly backward: Program;

  /** Whether a step reads the output before, beside its product with the recurrent weights. @internal */
  readonly readsOutput: boolean;

  /** Whether any slot is needed. @internal */
  get keepsSlots(): boolean {
    return this.keptSlots.includes(true);
  }

  /** @throws ArgumentError; see `defineCell`. */
  constructor(spec: CellSpec) {
    checkSpec(spec);
    const { name, gates, apart = [], state, vectors = {}, recurrence = 'dense' } = spec;
    this.spec = spec;
    this.name = name;
    this.gates = [...gates];
    this.state = [...state];
    this.vectors = Object.keys(vectors);
    this.dense = recurrence === 'dense';
    this.biased = apart.length > 0;
    this.slots = [...gates, ...apart.map((gate) => `h${gate}`)];
    this.runs = this.dense ? runsOf(gates, apart) : [];
    if (this.dense && this.slots.length > MAX_SLOTS) {
      throw new ArgumentError(
        `defineCell: ${name} has ${gates.length} gates${apart.length ? ` and ${apart.length} apart` : ''}; ` +
          `${MAX_SLOTS} in all fit in the scan; write it as a Cell of your own, which is unrolled`,
      );
    }
    const step = trace(this);
    const kept = keep(step);
    this.keptSlots = kept.map((x) => x !== undefined);
    const [K, S, V] = [this.slots.length, this.state.length, this.vectors.length];
    const { z, s, v, next, dy, d, sums, back } = step;
    this.readsOutput = inOrder(next).includes(s[0]);
    const stepping = (slots: readonly (Expression | undefined)[]) =>
      lower(
        numbered([...z, ...s, ...v]),
        [
          ...slots.flatMap((x, i) => (x ? [[x, i] as const] : [])),
          ...next.map((x, i) => [x, K + S + V + i] as const),
        ],
        K + S + V + S,
      );
    this.forward = stepping(kept);
    this.observed = stepping(activationsOf(step));
    const known = knownOf(step, kept);
    const firstD = K + S + S + V + 1;
    const inputs = new Map([
      ...[...known].map(([x, at]) => [x, at] as const),
      ...v.map((x, i) => [x, K + S + S + i] as const),
      [dy, firstD - 1] as const,
      ...d.map((x, i) => [x, firstD + i] as const),
      ...sums.map((x, i) => [x, firstD + S + i] as const),
    ]);
    // The slots last, which the others read: so that they can be written in place.
    const outputs = [
      ...back.s.map((x, i) => [x, firstD + i] as const),
      ...back.v.map((x, i) => [x, firstD + S + i] as const),
      ...back.z.map((x, i) => [x, i] as const),
    ];
    this.backward = lower(inputs, outputs, firstD + S + V);
  }
}

function numbered(values: readonly Expression[]): Map<Expression, number> {
  return new Map(values.map((x, i) => [x, i]));
}

function runsOf(gates: readonly string[], apart: readonly string[]): Run[] {
  const runs: Run[] = [];
  gates.forEach((gate, i) => {
    const at = apart.indexOf(gate);
    const slot = at < 0 ? i : gates.length + at;
    const last = runs.at(-1);
    if (last && last.slot + last.count === slot)
      runs[runs.length - 1] = { ...last, count: last.count + 1 };
    else runs.push({ gate: i, count: 1, slot });
  });
  return runs;
}

/**
 * A cell from its equations. It is trained by fused kernels on every device, as the cells of the
 * library are; [Adding a cell](../../docs/adding-a-cell.md) shows how.
 *
 * @throws ArgumentError naming what is wrong with the spec: a step that reads a gate, state or vector
 *   that is not there, calls an operation that is not there, branches on a value, or does not return the
 *   state; more than four gates with a dense recurrence.
 * @example
 * ```ts
 * import { ones, openDevice } from 'lethe';
 * import { defineCell, Recurrent } from 'lethe/nn';
 *
 * const forgetting = defineCell({
 *   name: 'forgetting',
 *   gates: ['f', 'n'],
 *   state: ['h'],
 *   step: (m, z, s) => ({ h: m.add(m.mul(m.sigmoid(z.f), s.h), m.tanh(z.n)) }),
 * });
 * const device = await openDevice('cpu');
 * const layers = new Recurrent(device, forgetting, 4, 8, { numLayers: 2 });
 * console.log(layers.run(ones(device, [5, 3, 4])).output.shape); // [ 5, 3, 8 ]
 * ```
 */
export function defineCell<
  const Gate extends string,
  const State extends string,
  const Apart extends Gate = never,
  const Vector extends string = never,
>(spec: CellSpec<Gate, Apart, State, Vector>): CellDefinition {
  return new CellDefinition(spec);
}
