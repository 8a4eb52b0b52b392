import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/**
 * Writes the results of a run as JSON, with when and where it was.
 *
 * @param {string} file
 * @param {Date} began
 * @param {object} content
 */
export async function writeResults(file, began, content) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  const results = { date: began.toISOString(), machine, ...content };
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}
