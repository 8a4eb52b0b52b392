import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { complain, run } from './complaints.mjs';
import { entries, root } from './install.mjs';

/** What a user may have that the sources do not compile with, and how they resolve modules. */
const SETTINGS = {
  bundler: { module: 'ESNext', moduleResolution: 'bundler', exactOptionalPropertyTypes: true },
  nodenext: { module: 'NodeNext', moduleResolution: 'nodenext' },
};

/**
 * Compiles a program against the types in the strictest way, with no more of a library than it needs:
 * every .d.ts is checked, without ambient types of WebGPU, of Node or of Vite.
 *
 * @param {string} folder the project
 * @param {object} settings
 * @returns the .d.ts files of the package that it took
 */
function compile(folder, settings) {
  const config = {
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2022', 'DOM'],
      types: [],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      ...settings,
    },
    files: ['consumer.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const what = `the types do not compile with ${JSON.stringify(settings)}`;
  const listing = run(what, process.execPath, [tsc, '-p', folder, '--listFiles'], { cwd: folder });
  return listing.split('\n').filter((line) => /node_modules\/lethe\/.*\.d\.ts$/.test(line.trim()));
}

/**
 * Users may have an older TypeScript, whose DOM library knows nothing of WebGPU, so no type of
 * WebGPU may be reachable from the entries. Nor may what is `@internal`.
 *
 * @param {string} file
 */
function checkDeclarations(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.forEach((line, i) => {
    const isComment = /^\s*(\/?\*|\/\/(?!\/))/.test(line);
    const where = `${file}:${i + 1}`;
    if (/@internal\b/.test(line)) complain(`${where}: public, and @internal`);
    if (!isComment && /\bGPU[A-Z]?\w*|@webgpu\/types|reference types=/.test(line)) {
      complain(`${where}: a type of WebGPU is public: ${line.trim()}`);
    }
  });
}

/** @param {string} folder the project */
export function checkTypes(folder) {
  const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}';`);
  const names = entries.map((_, i) => `entry${i}`).join(', ');
  writeFileSync(
    join(folder, 'consumer.ts'),
    `${imports.join('\n')}
export const entries = [${names}];
export async function open(): Promise<string> {
  const device = await entry0.openDevice('cpu', { threads: 1 });
  entry0.zeros(device, [2, 3]).dispose();
  return device.reason;
}
`,
  );
  const files = Object.values(SETTINGS).flatMap((settings) => compile(folder, settings));
  for (const file of new Set(files)) checkDeclarations(file.trim());
}
