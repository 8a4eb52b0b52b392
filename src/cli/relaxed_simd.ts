import { setFlagsFromString } from 'node:v8';

/**
 * Turns relaxed SIMD of WebAssembly on where V8 has it behind a flag: Node 20. A training step on the CPU then
 * takes a sixth less. For the whole process, and thus a choice of programs, not of the library; before the first
 * device is opened.
 */
export function useRelaxedSimd(): void {
  const { v8 = '' } = process.versions as { readonly v8?: string };
  if (v8.startsWith('11.3.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
