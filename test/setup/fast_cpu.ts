import { expect } from 'vitest';

import { CpuBackend } from '../../src/backend/cpu/cpu_backend';
import { findEngine, loadEngine } from '../../src/backend/cpu/load_engine';
import { hostArray } from '../../src/backend/dtype';
import type { NumberArray } from '../../src/backend/dtype';
import type { Bindings, Kernel, Params, ParamValues } from '../../src/backend/kernel';
import { Random } from '../../src/random';

/** A buffer's length, or what it holds at first; normal random numbers where a length is given. */
type Starts<B extends Bindings> = { readonly [K in keyof B]: number | NumberArray };

/** Elements behind each array that a kernel has no business with. */
const MARGIN = 19;
const SENTINEL = -98_765.5;

await loadEngine();

const random = new Random(7);
/** Drawn once: a prime number of them, so that no two buffers begin alike. */
const NORMAL = Float32Array.from({ length: 10_007 }, () => random.normal());

type Results<B extends Bindings> = { [K in keyof B]: NumberArray };

/** Starts so many threads, and waits until they are ready. */
export async function threadsReady(count: number): Promise<void> {
  const { threadPool } = findEngine()!;
  threadPool.grow(count);
  while (threadPool.size < count) await new Promise((done) => setTimeout(done, 5));
}

/** What a kernel leaves in its buffers, margins and all, on a backend of its own. */
function results<B extends Bindings, P extends Params>(
  kernel: Kernel<B, P>,
  params: ParamValues<P>,
  starts: Starts<B>,
  options: { reference?: boolean; threads?: number },
): Results<B> {
  const backend = new CpuBackend(options);
  const found: Partial<Results<B>> = {};
  const buffers: Partial<Record<keyof B, ReturnType<CpuBackend['alloc']>>> = {};
  let drawn = 0;
  for (const name in kernel.bindings) {
    const start = starts[name];
    const { element } = kernel.bindings[name];
    const dtype = element === 'float' || element === 'any' ? 'f32' : element;
    const length = typeof start === 'number' ? start : start.length;
    const contents = hostArray(dtype, length + MARGIN).fill(SENTINEL);
    // What lies behind an input spoils every sum that it gets into.
    if (kernel.bindings[name].access === 'in') contents.fill(NaN);
    for (let i = 0; i < length; i++) {
      contents[i] = typeof start === 'number' ? NORMAL[drawn++ % NORMAL.length] : start[i];
    }
    const buffer = (buffers[name] = backend.alloc(dtype, contents.length));
    backend.write(buffer, contents);
  }
  backend.run(kernel, buffers as Record<keyof B, ReturnType<CpuBackend['alloc']>>, params);
  for (const name in kernel.bindings) found[name] = buffers[name]!.array.slice();
  backend.destroy();
  return found as Results<B>;
}

/**
 * Holds a kernel's fast version against its reference, element by element and margins too, and the
 * same bits with one thread and with several.
 *
 * @returns what the fast version left, without margins.
 */
export function compare<B extends Bindings, P extends Params>(
  kernel: Kernel<B, P>,
  params: ParamValues<P>,
  starts: Starts<B>,
  tolerance: number,
): Results<B> {
  const wanted = results(kernel, params, starts, { reference: true });
  const fast = {
    ...kernel,
    cpu: () => expect.fail(`${kernel.name} ${JSON.stringify(params)}: handed to the reference`),
  };
  const single = results(fast, params, starts, { threads: 1 });
  const several = results(fast, params, starts, { threads: 3 });
  let problem: string | undefined;
  for (const name in kernel.bindings) {
    const where = `${kernel.name} ${JSON.stringify(params)}: ${name}`;
    for (const [i, value] of wanted[name].entries()) {
      const found = single[name][i];
      const close = Math.abs(value - found) <= tolerance * Math.max(1, Math.abs(value));
      if (!close && !Object.is(value, found)) {
        problem ??= `${where}[${i}] is ${found}, not ${value}`;
      }
      if (Object.is(found, several[name][i])) continue;
      problem ??= `${where}[${i}] is ${found} with one thread, ${several[name][i]} with several`;
    }
    single[name] = single[name].slice(0, -MARGIN);
  }
  expect(problem).toBeUndefined();
  return single;
}
