import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * A shader without its comments, indentation and most other white space. Throws where that would put
 * operators together to another one, or to a comment.
 *
 * @param {string} file
 */
function lean(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const code = lines.map((line) => line.replace(/\/\/.*/, '').trim()).filter(Boolean);
  const text = code.join('\n').replace(/\s*([{}()[\],;:=<>+*%|!/&-])\s*/g, '$1');
  if (/--|[/][/*]/.test(text)) throw new Error(`${file}: operators that came together`);
  return `${text}\n`;
}

/** Builds have all shaders in one module, lean: a fifth of a page's script less. */
export const leanWgsl = {
  name: 'lean-wgsl',
  apply: /** @type {const} */ ('build'),
  enforce: /** @type {const} */ ('pre'),
  /**
   * @param {string} code
   * @param {string} id
   */
  transform(code, id) {
    if (!id.endsWith('/webgpu/shader_files.ts')) return undefined;
    const glob = /import\.meta\.glob<string>\(\s*(\[[^\]]*\])[^)]*\)/;
    const [call, patterns] = glob.exec(code) ?? [];
    if (!call) throw new Error(`${id} has no glob of shaders`);
    /** @type {Record<string, string>} */
    const texts = {};
    for (const [, folder] of patterns.matchAll(/'([^']*)\/\*\.wgsl'/g)) {
      for (const name of readdirSync(resolve(dirname(id), folder)).sort()) {
        if (!name.endsWith('.wgsl')) continue;
        texts[`${folder}/${name}`] = lean(resolve(dirname(id), folder, name));
      }
    }
    return code.replace(call, () => JSON.stringify(texts));
  },
};
