import { readFile } from 'node:fs/promises';

/** Builds take shaders without their comments and indentation: a fifth of a page's script. */
export const leanWgsl = {
  name: 'lean-wgsl',
  apply: /** @type {const} */ ('build'),
  enforce: /** @type {const} */ ('pre'),
  /** @param {string} id */
  async load(id) {
    const [file, query] = id.split('?');
    if (query !== 'raw' || !file.endsWith('.wgsl')) return undefined;
    const lines = (await readFile(file, 'utf8')).split('\n');
    const code = lines.map((line) => line.replace(/\/\/.*/, '').trim()).filter(Boolean);
    return `export default ${JSON.stringify(`${code.join('\n')}\n`)}`;
  },
};
