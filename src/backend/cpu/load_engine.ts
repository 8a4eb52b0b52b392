import { messageOf } from '../../io/reason';
import type { Engine } from './engine';

/** The engine, or the reason why there is none, and whether another attempt may find one. */
type Found =
  { engine: Engine; reason?: undefined } | { engine: null; reason: string; again?: boolean };

let loading: Promise<void> | undefined;
let found: Found = { engine: null, reason: 'its engine was not loaded' };

/**
 * Loads the engine of this process or page, once. It and its WebAssembly are modules of their own, which nobody
 * loads who computes on a GPU: who opens a CPU device awaits them before. The next who does tries again what a
 * network has failed, as far as the browser lets it: some keep a failed import for the life of the page.
 *
 * @param load for tests.
 */
export function loadEngine(load?: Load): Promise<void> {
  const wasm = typeof WebAssembly === 'undefined' ? undefined : WebAssembly;
  return (loading ??= makeEngine(wasm, load).then((made) => {
    found = made;
    if (!made.engine && made.again) loading = undefined;
  }));
}

/** The engine, once it is loaded; null where kernels are plain JavaScript. */
export function findEngine(): Engine | null {
  return found.engine;
}

/** Why kernels are plain JavaScript here; undefined where they are not. */
export function whyPlain(): string | undefined {
  return found.reason;
}

/**
 * A module with one function, which makes a vector by `f32x4.relaxed_madd`: valid where there is relaxed SIMD.
 * Sections: a type, () -> v128; a function; its code.
 */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11],
);

/** Imports one of the two versions of the module. */
type Load = (relaxed: boolean) => Promise<{ readonly deflated: string }>;

const importVersion: Load = (relaxed) =>
  relaxed ? import('./simd/relaxed') : import('./simd/plain');

/** @internal */
export async function makeEngine(
  wasm: Pick<typeof WebAssembly, 'validate'> | undefined,
  load = importVersion,
): Promise<Found> {
  const none = (reason: string, again = false): Found => ({ engine: null, reason, again });
  if (!wasm) return none('there is no WebAssembly');
  for (const relaxed of wasm.validate(RELAXED_PROBE) ? [true, false] : [false]) {
    let loaded;
    try {
      loaded = await Promise.all([load(relaxed), import('./engine')]);
    } catch (error) {
      return none(`its engine was not loaded (${messageOf(error)})`, true);
    }
    const [{ deflated }, { Engine }] = loaded;
    const bytes = await inflated(deflated).catch(messageOf);
    if (typeof bytes === 'string') return none(`its WebAssembly cannot be unpacked (${bytes})`);
    if (wasm.validate(bytes)) return started(() => new Engine(bytes));
  }
  return none('there is no WebAssembly SIMD');
}

/** The engine of a module that is valid. */
function started(start: () => Engine): Found {
  try {
    return { engine: start() };
  } catch (error) {
    // Who will not compile a valid module is told not to.
    const reason =
      error instanceof WebAssembly.CompileError
        ? "a Content-Security-Policy forbids WebAssembly, and script-src 'wasm-unsafe-eval' allows it"
        : `WebAssembly gets no shared memory (${String(error)})`;
    return { engine: null, reason };
  }
}

/** @param base64 of what `deflateRaw` made. @internal */
export async function inflated(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
