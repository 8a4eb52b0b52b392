/**
 * How each contender is opened on this machine.
 *
 * @typedef {import('./types').Contender} Contender
 * @typedef {import('./types').Job} Job
 * @typedef {import('./options.mjs').Options} Options
 */
import {
  findChrome,
  findSwiftShader,
  hasVulkanLoader,
  needsVulkanDriver,
} from '../scripts/browser.mjs';
import { npmCi } from '../scripts/npm-ci.mjs';
import { buildPage, buildWorker } from './build.mjs';
import { openPage, servePages } from './chromium.mjs';
import { ABLE } from './names.mjs';
import { openPeer, openProcess } from './process.mjs';
import { openTorch } from './torch.mjs';
import { MissingError } from './turns.mjs';

/**
 * @template T
 * @param {() => T} make
 * @returns {() => T} makes once
 */
function once(make) {
  /** @type {{ value: T } | undefined} */
  let made;
  return () => (made ??= { value: make() }).value;
}

/** Installs the peers' packages as bench/package-lock.json has them, unless they are there. */
const installPeers = once(() => {
  try {
    npmCi('bench');
  } catch (error) {
    throw new MissingError(/** @type {Error} */ (error).message);
  }
});

const worker = once(buildWorker);
const pages = {
  lethe: once(() => buildPage('lethe')),
  jax: once(() => buildPage('jax')),
  tfjs: once(() => buildPage('tfjs')),
};

/** The environment that gives Dawn a Vulkan driver. */
function dawnEnvironment(/** @type {boolean} */ hardware) {
  if (!hasVulkanLoader()) throw new MissingError('no Vulkan loader (libvulkan.so.1)');
  if (hardware || !needsVulkanDriver()) return {};
  const driver = findSwiftShader();
  if (!driver) throw new MissingError('no Vulkan driver: neither named nor beside a Chromium');
  return { VK_ICD_FILENAMES: driver };
}

/**
 * @param {Options} options
 * @returns {{ open: (name: string, job: Job) => Promise<Contender>, close: () => void }}
 */
export function makeOpener({ hardware, python, threads }) {
  const server = once(servePages);
  let serving = false;

  /**
   * @param {keyof typeof pages} library
   * @param {string} backend
   * @param {Job} job
   */
  const inChromium = async (library, backend, job) => {
    if (!findChrome())
      throw new MissingError('no Chromium; install one, or name it by CHROME_PATH');
    if (library !== 'lethe') installPeers();
    const module = await pages[library]();
    serving = true;
    const { url } = await server();
    return openPage(url, module, backend, job, { hardware });
  };

  /**
   * @param {string} backend
   * @param {NodeJS.ProcessEnv} env
   * @param {Job} job
   */
  const inNode = async (backend, env, job) =>
    openProcess(process.execPath, [await worker()], env, job, backend);

  /** @type {(library: 'jax' | 'tfjs', job: Job) => Promise<Contender>} */
  const peerInNode = async (library, job) => {
    installPeers();
    await pages[library]();
    return openPeer(library, job, dawnEnvironment(hardware));
  };

  /** @type {Record<import('./names.mjs').ContenderName, (job: Job) => Promise<Contender>>} */
  const openers = {
    'lethe-cpu': (job) => inNode('cpu', {}, job),
    'lethe-webgpu': (job) => inChromium('lethe', 'webgpu', job),
    'lethe-dawn': async (job) => inNode('webgpu', dawnEnvironment(hardware), job),
    'torch-cpu': async (job) => openTorch(job, { python, threads, device: 'cpu' }),
    'jax-wasm': (job) => inChromium('jax', 'wasm', job),
    'jax-webgpu': (job) => inChromium('jax', 'webgpu', job),
    'jax-dawn': (job) => peerInNode('jax', job),
    'tfjs-cpu': (job) => inChromium('tfjs', 'cpu', job),
    'tfjs-webgpu': (job) => inChromium('tfjs', 'webgpu', job),
    'tfjs-dawn': (job) => peerInNode('tfjs', job),
  };
  return {
    open: async (name, job) => {
      if (!(/** @type {readonly string[]} */ (ABLE[job.kind]).includes(name))) {
        throw new MissingError(`nothing to measure in ${job.name}`);
      }
      return openers[/** @type {keyof typeof openers} */ (name)](job);
    },
    close: () => {
      if (serving) void server().then(({ close }) => close());
    },
  };
}
