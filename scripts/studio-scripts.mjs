import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * The scripts that the studio loads before it is ready: those of its first view and of its workers.
 *
 * @param {string} folder the built pages
 * @returns their size with gzip, in bytes
 */
export async function studioScriptBytes(folder) {
  const html = await readFile(join(folder, 'index.html'), 'utf8');
  const assets = join(folder, 'assets');
  const files = (await readdir(assets)).filter(
    (file) => file.endsWith('.js') && (html.includes(file) || file.includes('worker')),
  );
  const scripts = await Promise.all(files.map((file) => readFile(join(assets, file))));
  return scripts.reduce((sum, script) => sum + gzipSync(script).length, 0);
}
