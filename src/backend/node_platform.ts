import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { CheckpointError } from '../errors';
import { writeFileAtomic } from '../io/atomic_file';
import { messageOf, reasonOf } from '../io/reason';
import { pollGently } from './node_polling';
import { ownGpu } from './platform';
import type { Platform } from './platform';
import { noAdapter } from './webgpu/adapter';

/** What the npm package `webgpu` exports. */
interface DawnInNode {
  create(flags: string[]): GPU;
  globals: object;
}

/**
 * For Dawn in Node, which would zero workgroup memory before a shader begins, though every kernel
 * writes it before it reads it; software adapters spend most of their compile time on that.
 */
const DAWN_FLAGS = ['enable-dawn-features=disable_workgroup_init'];

/** Whether WebGPU is Dawn in Node. */
let polls = false;

/** Node, and what runs its programs: Deno, which has WebGPU of its own, and Bun. */
export const nodePlatform: Platform = {
  async findGpu() {
    const own = ownGpu();
    if (own) return own;
    try {
      if (!mayHaveVulkan()) {
        // A missing package is to be told before a missing driver.
        createRequire(import.meta.url).resolve('webgpu');
        return { reason: noAdapter() };
      }
      const dawn = (await import('webgpu')) as DawnInNode;
      Object.assign(globalThis, dawn.globals);
      polls = true;
      return { gpu: dawn.create(DAWN_FLAGS), implementation: `Dawn (webgpu${dawnVersion()})` };
    } catch (error) {
      const why = messageOf(error).split('\n')[0];
      return { reason: `the npm package webgpu cannot be loaded (${why}); npm install webgpu` };
    }
  },

  startWorker(program, data) {
    const code = `(${program})(require('node:worker_threads').workerData)`;
    const worker = new Worker(code, { eval: true, workerData: data, execArgv: [] });
    worker.on('error', () => {});
    worker.unref();
    return true;
  },

  waiting: (call) => (polls ? pollGently(call) : call()),

  cores: availableParallelism,

  driverHint: ' (on Linux the Vulkan loader, libvulkan1, and a driver are needed)',

  files: {
    async read(place) {
      try {
        return await readFile(pathOf(place));
      } catch (cause) {
        throw new CheckpointError(`cannot read ${String(place)}: ${reasonOf(cause)}`, { cause });
      }
    },
    write: (place, bytes) => writeFileAtomic(pathOf(place), bytes),
  },
};

function pathOf(place: string | URL): string {
  return typeof place === 'string' && !place.startsWith('file:') ? place : fileURLToPath(place);
}

/** Of the npm package, with a space before it; nothing where a bundle has swallowed that. */
function dawnVersion(): string {
  try {
    const { version } = createRequire(import.meta.url)('webgpu/package.json') as {
      version: string;
    };
    return ` ${version}`;
  } catch {
    return '';
  }
}

/** Where Linux keeps the descriptions of its Vulkan drivers, under each data folder. */
const DRIVERS = 'vulkan/icd.d';

/**
 * False where Linux has no Vulkan driver at all, of the system, of the user or named by the environment.
 * Dawn would find out too, but writes warnings to the terminal as it does.
 */
export function mayHaveVulkan(): boolean {
  if (process.platform !== 'linux') return true;
  const { env } = process;
  if (env.VK_ICD_FILENAMES || env.VK_DRIVER_FILES || env.VK_ADD_DRIVER_FILES) return true;
  const home = env.HOME ?? '';
  const folders = [
    ...(env.XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(':'),
    ...(env.XDG_CONFIG_DIRS || '/etc/xdg').split(':'),
    '/etc',
    env.XDG_DATA_HOME || `${home}/.local/share`,
    env.XDG_CONFIG_HOME || `${home}/.config`,
  ];
  return folders
    .map((folder) => `${folder}/${DRIVERS}`)
    .some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}
