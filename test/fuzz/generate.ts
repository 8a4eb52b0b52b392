/** Draws a program from a seed: every call is made in f64 as it is drawn, so that the next one knows its shapes. */
import { LetheError, noGrad, Random } from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { isClear } from './clear';
import { Drawing } from './drawing';
import { Environment } from './execute';
import { OPERATIONS, WILD } from './operations';
import { pruned, showProgram } from './program';
import type { Call, Program } from './program';

/** Larger numbers lose digits in what follows. */
const LARGEST = 20;
const RUN = 'run';

/** An operation threw what is no error of Lethe. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

function numbersOf(values: ReadonlyMap<string, Tensor>) {
  return Promise.all(Array.from(values, async ([name, x]) => [name, x, await x.data()] as const));
}

/**
 * Program `index` of a seed.
 *
 * @param device a CPU with plain loops.
 * @throws Crash with the program, for an error that is none of Lethe's.
 */
export async function generateProgram(
  seed: number,
  index: number,
  device: Device,
): Promise<Program> {
  const random = new Random(seed, index);
  const d = new Drawing(random);
  const environment = new Environment({ device, dtype: 'f64' });
  const program: Program = { inputs: [], made: [], calls: [], refused: [] };
  const values = new Map<string, Tensor>();
  const wanted = d.int(2, 10);
  const names = Object.keys(OPERATIONS);
  try {
    for (let attempt = 0; attempt < 4 * wanted && program.calls.length < wanted; attempt++) {
      const wild = d.chance(0.08);
      const op = wild ? d.pick(Object.keys(WILD)) : d.chance(0.12) ? RUN : d.pick(names);
      d.inputs = [];
      d.made = [];
      const args = (wild ? WILD : OPERATIONS)[op](d);
      const call: Call = { name: `v${attempt}`, op, args };
      for (const input of d.inputs) environment.addInput(input);
      for (const made of d.made) environment.addMade(made);
      program.inputs.push(...d.inputs);
      program.made.push(...d.made);
      environment.rewind();
      let results: Map<string, Tensor>;
      try {
        results = noGrad(() => environment.call(call, values));
      } catch (error) {
        if (!(error instanceof LetheError)) {
          const shown = showProgram(pruned({ ...program, calls: [...program.calls, call] }));
          throw new Crash(`${String(error)}\n${shown}`, { cause: error });
        }
        program.refused.push({ ...call, error: error.name });
        continue;
      }
      const read = await numbersOf(results);
      const usable =
        isClear(op, args, d.known) &&
        read.every(([, , data]) => data.every((v) => Math.abs(v) <= LARGEST));
      if (!usable) {
        for (const [, x] of read) x.dispose();
        continue;
      }
      program.calls.push(call);
      for (const [name, x, data] of read) {
        values.set(name, x);
        const dtype = x.dtype === 'i32' ? 'i32' : 'float';
        // Integers go where they are drawn for, and no further.
        if (dtype === 'float') d.known.set(name, { shape: x.shape, dtype, data });
      }
    }
  } finally {
    for (const x of values.values()) x.dispose();
    environment.dispose();
  }
  return pruned(program);
}
