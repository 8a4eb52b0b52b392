// Compiles the AssemblyScript matmul to WebAssembly and writes it, in base64, as a TypeScript
// module. Run by `npm run build:simd`; a test compiles it again and compares.
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import asc from 'assemblyscript/asc';

const SOURCE = 'src/backend/cpu/simd/assembly/gemm.ts';
const TARGET = 'src/backend/cpu/simd/gemm_wasm.ts';

/** The module's bytes. */
export async function compileSimd() {
  const { error, binary } = await asc.compileString(await readFile(SOURCE, 'utf8'), {
    optimizeLevel: 3,
    shrinkLevel: 0,
    runtime: 'stub',
    enable: ['simd'],
    noAssert: true,
    importMemory: true,
  });
  if (error || !binary) throw error ?? new Error(`${SOURCE} compiled to nothing`);
  return binary;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const base64 = Buffer.from(await compileSimd()).toString('base64');
  const lines = Array.from(base64.matchAll(/.{1,90}/g), ([line]) => `  '${line}'`);
  await writeFile(
    TARGET,
    `// Made by scripts/build-simd.mjs from assembly/gemm.ts; do not edit.\n` +
      `export const gemmWasm = [\n${lines.join(',\n')},\n].join('');\n`,
  );
}
