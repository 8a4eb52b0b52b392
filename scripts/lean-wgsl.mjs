import { readFile } from 'node:fs/promises';

/**
 * Builds take shaders without their comments, indentation and most other white space: a fifth of a
 * page's script. Throws where that would put operators together to another one, or to a comment.
 */
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
    const lean = code.join('\n').replace(/\s*([{}()[\],;:=<>+*%|!/&-])\s*/g, '$1');
    if (/--|[/][/*]/.test(lean)) throw new Error(`${file}: operators that came together`);
    return `export default ${JSON.stringify(`${lean}\n`)}`;
  },
};
