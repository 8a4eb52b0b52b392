import type { CellDefinition } from '../cell/definition';
import { runProgram } from '../cell/program';
import { activationsOf, trace } from '../cell/trace';

/** A gate as it is shown. */
export interface ObservedGate {
  readonly name: string;
  /** Its place among the gates. */
  readonly index: number;
  /** Whether it opens and shuts: it goes through a sigmoid, from 0 to 1. */
  readonly opens: boolean;
}

/** The gates of a cell, but for what is its state already (a plain RNN has one that is its output). */
export function observedGates(cell: CellDefinition): ObservedGate[] {
  const step = trace(cell);
  const activations = activationsOf(step);
  return cell.gates.flatMap((name, index) => {
    const x = activations[index];
    return step.next.includes(x) ? [] : [{ name, index, opens: x.op === 'sigmoid' }];
  });
}

/** What a layer's products and parameters are on the host, for all steps of one sequence. */
export interface HostLayer {
  readonly hidden: number;
  /** What the gates get from the input and from the output before, each [time, gates hidden]. */
  readonly fromInput: ArrayLike<number>;
  readonly fromState: ArrayLike<number> | undefined;
  /** The output after each step, [time, hidden]. */
  readonly output: ArrayLike<number>;
  /** Vectors of the cell, each [hidden]. */
  readonly vectors: readonly ArrayLike<number>[];
}

/** What the units of a layer held after each step, each [time, hidden]. */
export interface ObservedLayer {
  /** By the place of each gate. */
  readonly gates: readonly Float32Array[];
  /** By the place of each part, the output first. */
  readonly states: readonly Float32Array[];
}

/**
 * Goes through the equations of a cell, step by step and unit by unit.
 *
 * @param state its parts before the first step, [hidden]; those after the last one in the end.
 */
export function observe(
  cell: CellDefinition,
  { hidden, fromInput, fromState, output, vectors }: HostLayer,
  state: readonly Float32Array[],
): ObservedLayer {
  const { observed: program, gates, slots, runs } = cell;
  const [G, K, S, V] = [gates.length, slots.length, state.length, vectors.length];
  const at = new Float64Array(program.slots);
  at.set(program.constants, program.externals);
  const make = () => new Float32Array(output.length);
  const found = { gates: gates.map(make), states: state.map(make) };
  for (let place = 0; place < output.length; place++) {
    const unit = place % hidden;
    const own = (place - unit) * G + unit;
    for (let k = 0; k < K; k++) at[k] = k < G ? fromInput[own + k * hidden] : 0;
    if (fromState) {
      for (const { gate, count, slot } of runs) {
        for (let i = 0; i < count; i++) at[slot + i] += fromState[own + (gate + i) * hidden];
      }
    }
    for (let i = 0; i < S; i++) at[K + i] = state[i][unit];
    for (let i = 0; i < V; i++) at[K + S + i] = vectors[i][unit];
    runProgram(program, at);
    for (let k = 0; k < G; k++) found.gates[k][place] = at[k];
    // The output is what the device made of it.
    at[K + S + V] = output[place];
    for (let i = 0; i < S; i++) {
      state[i][unit] = at[K + S + V + i];
      found.states[i][place] = at[K + S + V + i];
    }
  }
  return found;
}
