import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * What a built script loads by itself, from beside or above it: `from"./a.js"`, `import"./a.js"`, and the worker that it
 * starts by ``new Worker(new URL(new URL(`a.js`, ...))``. `import("./a.js")` is for later.
 */
const LOADS =
  /(?:\bfrom|\bimport)\s*["'`](\.\.?\/[^"'`]+\.js)["'`]|\bWorker\([^"'`;]*["'`]([^"'`]+\.js)["'`]/g;

/**
 * The scripts that a page loads before it is ready: those of its first view and of its workers.
 *
 * @param {string} folder the built pages
 * @param {string} page its HTML file
 * @returns {Promise<Map<string, number>>} the size with gzip of each, in bytes
 */
async function scriptsOf(folder, page) {
  const html = await readFile(join(folder, page), 'utf8');
  const scripts = html.matchAll(/(?:src|href)="(?:\.\.?\/)+assets\/([^"]+\.js)"/g);
  /** @type {Map<string, number>} */
  const sizes = new Map();
  const waiting = Array.from(scripts, ([, file]) => file);
  if (waiting.length === 0) throw new Error(`no script found in ${page}`);
  for (const file of waiting) {
    if (sizes.has(file)) continue;
    const script = await readFile(join(folder, 'assets', file), 'utf8');
    sizes.set(file, gzipSync(script).length);
    for (const [, loaded, worker] of script.matchAll(LOADS)) {
      waiting.push(posix.join(posix.dirname(file), loaded ?? worker));
    }
  }
  return sizes;
}

/** @param {Iterable<number>} sizes */
const total = (sizes) => Array.from(sizes).reduce((sum, size) => sum + size, 0);

/**
 * @param {string} folder the built pages
 * @returns the size with gzip of the studio's scripts, in bytes
 */
export async function studioScriptBytes(folder) {
  return total((await scriptsOf(folder, 'index.html')).values());
}

/**
 * @param {string} folder the built pages
 * @param {string} page the HTML file of another page
 * @returns the size with gzip of the scripts that it has beyond the studio's, in bytes
 */
export async function bytesBeyondStudio(folder, page) {
  const studio = await scriptsOf(folder, 'index.html');
  const own = [...(await scriptsOf(folder, page))].filter(([file]) => !studio.has(file));
  return total(own.map(([, size]) => size));
}
