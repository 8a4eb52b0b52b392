/**
 * The bundlers and runtimes that the package is tried in. They have a lock file of their own, so that
 * work on Lethe, and a page that uses it, need none of them.
 */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { npmCi } from './npm-ci.mjs';

const FOLDER = 'test/consumers';
const modules = fileURLToPath(new URL(`../${FOLDER}/node_modules`, import.meta.url));
const require = createRequire(join(modules, 'resolve.js'));

/** Installs them unless they are there, as the lock file has them. */
export function installConsumers() {
  npmCi(FOLDER);
}

/**
 * Where a package of theirs is.
 *
 * @param {string} name
 */
export function resolveConsumer(name) {
  return require.resolve(name);
}

/**
 * A package of theirs, untyped: it need not be installed when types are checked.
 *
 * @param {string} name
 */
export function importConsumer(name) {
  const { href } = pathToFileURL(resolveConsumer(name));
  return /** @type {Promise<Record<string, any>>} */ (import(href));
}

/**
 * @param {string} scope of which npm installs one package, this system's
 * @param {string} path within that package
 */
function binary(scope, path) {
  const folder = join(modules, scope);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return join(folder, readdirSync(folder)[0], path + suffix);
}

/** Deno's executable; call `installConsumers` first. */
export function findDeno() {
  return binary('@deno', 'deno');
}

/** Bun's executable; call `installConsumers` first. */
export function findBun() {
  return binary('@oven', 'bin/bun');
}
