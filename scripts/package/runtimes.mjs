import { findDeno, findBun } from '../consumers.mjs';
import { findSwiftShader, needsVulkanDriver } from '../browser.mjs';
import { attempt, run } from './complaints.mjs';
import { judge } from './judge.mjs';

/** @typedef {import('./judge.mjs').Report} Report */

/**
 * Runs the same program in Node, Deno and Bun. Node and Bun get WebGPU from the npm package webgpu;
 * Deno has its own, and asks for no permission.
 *
 * @param {string} folder the project
 */
export async function runRuntimes(folder) {
  const driver = needsVulkanDriver() && findSwiftShader();
  const env = driver ? { VK_ICD_FILENAMES: driver } : {};
  const runtimes = {
    Node: [process.execPath],
    Deno: [findDeno(), 'run', '--no-prompt'],
    Bun: [findBun()],
  };
  for (const [name, [command, ...args]] of Object.entries(runtimes)) {
    await attempt(name, () => {
      const output = run(name, command, [...args, 'runtime.js'], { cwd: folder, env });
      /** @type {Report} */
      const report = JSON.parse(output);
      judge(name, report);
    });
  }
}
