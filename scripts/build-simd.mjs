// Compiles the AssemblyScript in src/backend/cpu/simd/assembly to WebAssembly, with relaxed SIMD and
// without, and writes both, in base64, as a TypeScript module. Run by `npm run build:simd`; a test
// compiles them again and compares.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import asc from 'assemblyscript/asc';
import { format, resolveConfig } from 'prettier';

const SOURCES = 'src/backend/cpu/simd/assembly';
const TARGET = 'src/backend/cpu/simd/wasm.ts';

/**
 * @param {boolean} relaxed whether a multiplication and an addition may be one instruction.
 * @returns {Promise<Uint8Array>} the module's bytes.
 */
async function compile(relaxed) {
  /** @type {Uint8Array | undefined} */
  let binary;
  /** @type {string[]} */
  const messages = [];
  const { error } = await asc.main(
    [
      ...['index.ts', '--outFile', 'simd.wasm', '--runtime', 'stub', '--noAssert'],
      ...['--optimizeLevel', '3', '--shrinkLevel', '1'],
      ...['--importMemory', '--noExportMemory', '--sharedMemory'],
      ...['--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'simd,threads'],
      ...(relaxed ? ['--enable', 'relaxed-simd'] : []),
    ],
    {
      readFile: (name) => readFile(join(SOURCES, name), 'utf8').catch(() => null),
      writeFile: (_, contents) => {
        if (typeof contents !== 'string') binary = contents;
      },
      listFiles: () => [],
      reportDiagnostic: ({ message }) => messages.push(message),
    },
  );
  if (error) throw new Error(messages.join('\n') || String(error));
  // A warning counts.
  if (!binary || messages.length > 0) throw new Error(messages.join('\n') || 'nothing was written');
  return binary;
}

/** The TypeScript module. */
export async function buildSimd() {
  const plain = await compile(false);
  const relaxed = await compile(true);
  const module = await WebAssembly.compile(new Uint8Array(plain));
  const exports = WebAssembly.Module.exports(module).map(({ name }) => name);
  const source = [
    '// Made by scripts/build-simd.mjs from assembly/; do not edit.',
    '',
    '/** What the modules export, in their order. */',
    `export const FUNCTIONS = ${JSON.stringify(exports)} as const;`,
    '',
    text('plain', plain),
    '',
    '/** With relaxed SIMD: the same functions, their sums rounded less often. */',
    text('relaxed', relaxed),
  ].join('\n');
  return format(source, { ...(await resolveConfig(TARGET)), filepath: TARGET });
}

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 */
function text(name, bytes) {
  const base64 = Buffer.from(bytes).toString('base64');
  const lines = Array.from(base64.matchAll(/.{1,1000}/g), ([line]) => `  '${line}'`);
  return `export const ${name} = [\n${lines.join(',\n')},\n].join('');`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(TARGET, await buildSimd());
}
