// Compiles the AssemblyScript in src/backend/cpu/simd/assembly to WebAssembly, with relaxed SIMD and
// without, and writes each, deflated and in base64, as a TypeScript module. Run by `npm run build:simd`; a
// test compiles them again and compares.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';

import asc from 'assemblyscript/asc';
import { format, resolveConfig } from 'prettier';

const SOURCES = 'src/backend/cpu/simd/assembly';
const TARGET = 'src/backend/cpu/simd';

/**
 * @param {boolean} relaxed whether a multiplication and an addition may be one instruction.
 * @returns {Promise<Uint8Array>} the module's bytes.
 */
export async function compile(relaxed) {
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

const MADE = '// Made by scripts/build-simd.mjs from assembly/; do not edit.';

/** @param {Uint8Array} bytes */
function moduleText(bytes) {
  const base64 = deflateRawSync(bytes, { level: 9 }).toString('base64');
  const lines = Array.from(base64.matchAll(/.{1,1000}/g), ([line]) => `  '${line}'`);
  return `${MADE}

/** A WebAssembly module, deflated, in base64. */
export const deflated = [\n${lines.join(',\n')},\n].join('');`;
}

/** @param {Uint8Array} bytes */
export async function functionsText(bytes) {
  const module = await WebAssembly.compile(new Uint8Array(bytes));
  const exports = WebAssembly.Module.exports(module).map(({ name }) => name);
  return `${MADE}

/** What the modules export, in their order. */
export const FUNCTIONS = ${JSON.stringify(exports)} as const;`;
}

/**
 * @param {string} name
 * @param {string} text
 */
export async function formatted(name, text) {
  const filepath = join(TARGET, name);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const plain = await compile(false);
  const files = {
    'functions.ts': await functionsText(plain),
    'plain.ts': moduleText(plain),
    // The same functions, their sums rounded less often.
    'relaxed.ts': moduleText(await compile(true)),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(TARGET, name), await formatted(name, text));
  }
}
