/**
 * Completes the relative imports in dist's .d.ts files: `./tensor` becomes `./tensor.js`, and a
 * folder becomes its `index.js`. Users' TypeScript resolves them as Node does (`nodenext`), while
 * the sources leave that to the bundler.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const SPECIFIER = /(\bfrom |\bimport\(|\bimport )(['"])(\.{1,2}(?:\/[^'"]*)?)\2/g;

/**
 * @param {string} file
 * @param {string} specifier
 */
function complete(file, specifier) {
  if (specifier.endsWith('.js')) return specifier;
  const target = join(dirname(file), specifier);
  if (existsSync(`${target}.d.ts`)) return `${specifier}.js`;
  if (existsSync(join(target, 'index.d.ts'))) return `${specifier.replace(/\/$/, '')}/index.js`;
  throw new Error(`${file}: nothing declares ${specifier}`);
}

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.d.ts')) continue;
  const file = join(dist, name);
  const source = readFileSync(file, 'utf8');
  const completed = source.replace(
    SPECIFIER,
    (_, /** @type {string} */ before, /** @type {string} */ quote, /** @type {string} */ path) =>
      `${before}${quote}${complete(file, path)}${quote}`,
  );
  if (completed !== source) writeFileSync(file, completed);
}
