// Gathers the tests on WebGPU and bench/gpu.mjs, with Node and all else that they need, into one file
// for a Linux machine with a GPU and its driver, and without a network:
//
//   npm run bench:pack-gpu -- [FILE.tar.xz]          (dist-bench/lethe-gpu.tar.xz)
//
// There `tar -xJf FILE.tar.xz` makes a folder `lethe`, whose run.sh says what it can do. Another name
// is that of a folder, which takes the same unpacked.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findVulkanLoader } from '../scripts/browser.mjs';
import { npmCi } from '../scripts/npm-ci.mjs';
import { BUILT, buildPage, buildWorker } from './build.mjs';

/** @typedef {{ dependencies?: object, optionalDependencies?: object }} Manifest */

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = join(root, 'node_modules');
const target = resolve(process.argv[2] ?? join(BUILT, 'lethe-gpu.tar.xz'));

/** Of the repository, at the same places. */
const PARTS = [
  ...['package.json', 'tsconfig.json', 'vitest.config.ts', 'src', 'shaders', 'scripts', 'bench'],
  ...['device', 'dawn', 'setup', 'fixtures'].map((folder) => `test/${folder}`),
  ...['lethe_node', 'jax_page', 'tfjs_page'].map((name) => `dist-bench/${name}.mjs`),
];
/** What vitest.config.ts and the tests import; the rest follows from it. */
const PACKAGES = ['vitest', 'vite', 'webgpu', '@vitest/browser-playwright', 'playwright-core'];
/** Dawn is there for every platform. */
const DAWN = join(packages, 'webgpu/dist');

/** Beside the Vulkan loader: what the drivers of GPUs open that draw to a screen too. */
const LIBRARIES = ['libEGL.so.1', 'libGLX.so.0', 'libX11.so.6', 'libXext.so.6'];
/** These every machine with a glibc has, and of a version that fits the rest of it. */
const OF_THE_SYSTEM = /^(linux-vdso|ld-linux.*|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+))\.so/;

/**
 * The folders of packages and of all that they need, as far as it is installed.
 *
 * @param {string[]} names
 */
async function closure(names) {
  /** @type {Set<string>} */
  const folders = new Set();
  /** @type {(name: string, from: string) => Promise<void>} */
  const add = async (name, from) => {
    const folder = createRequire(join(from, '_'))
      .resolve.paths(name)
      ?.map((path) => join(path, name))
      .find((path) => existsSync(join(path, 'package.json')));
    if (!folder || folders.has(folder)) return;
    folders.add(folder);
    const manifest = /** @type {Manifest} */ (
      JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    );
    const needed = { ...manifest.dependencies, ...manifest.optionalDependencies };
    for (const each of Object.keys(needed)) await add(each, folder);
  };
  for (const name of names) await add(name, root);
  return [...folders];
}

/** Shared libraries that a machine may lack, with those that they need: the files by their names. */
function libraries() {
  const loader = findVulkanLoader();
  if (!loader) throw new Error('no Vulkan loader (libvulkan.so.1) to pack; install libvulkan1');
  /** @type {Map<string, string>} */
  const found = new Map();
  /** @type {(path: string) => void} */
  const add = (path) => {
    const name = basename(path);
    if (OF_THE_SYSTEM.test(name) || found.has(name)) return;
    found.set(name, path);
    const needed = execFileSync('ldd', [path], { encoding: 'utf8' });
    for (const [, library] of needed.matchAll(/=> (\S+) \(/g)) add(library);
  };
  add(loader);
  for (const name of LIBRARIES) {
    const path = join(dirname(loader), name);
    if (existsSync(path)) add(path);
    else console.warn(`${name} is not packed, for it is not here; some drivers of GPUs need it`);
  }
  return found;
}

/**
 * @param {string} from a path of the repository, copied to the same place in the folder
 * @param {string} to
 * @param {(path: string) => boolean} [keep]
 */
async function copy(from, to, keep) {
  const target = join(to, relative(root, from));
  await mkdir(dirname(target), { recursive: true });
  await cp(from, target, { recursive: true, filter: keep });
}

/** @param {string} folder which must be new */
async function gather(folder) {
  for (const part of PARTS) {
    await copy(join(root, part), folder, (path) => basename(path) !== 'node_modules');
  }
  const mine = join(DAWN, `${process.platform}-${process.arch}`);
  for (const path of await closure(PACKAGES)) {
    const nested = join(path, 'node_modules');
    await copy(
      path,
      folder,
      (each) => each !== nested && (dirname(each) !== DAWN || each === mine),
    );
  }
  await mkdir(join(folder, 'lib'));
  for (const [name, path] of libraries()) {
    await cp(path, join(folder, 'lib', name), { dereference: true });
  }
  await cp(process.execPath, join(folder, 'node'), { dereference: true });
  await cp(join(root, 'bench/gpu_run.sh'), join(folder, 'run.sh'));
}

/** @param {string} file */
async function pack(file) {
  const temporary = await mkdtemp(join(tmpdir(), 'lethe-gpu-'));
  try {
    await gather(join(temporary, 'lethe'));
    await mkdir(dirname(file), { recursive: true });
    execFileSync('tar', ['-cJf', file, '-C', temporary, 'lethe'], {
      env: { ...process.env, XZ_OPT: '-6 -T0' },
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  console.log(`${file}: ${((await stat(file)).size / 1e6).toFixed(1)} MB`);
}

if (process.platform !== 'linux') throw new Error('it packs this system, and that must be Linux');
npmCi('bench');
await buildWorker();
await buildPage('jax');
await buildPage('tfjs');
await (target.endsWith('.tar.xz') ? pack : gather)(target);
