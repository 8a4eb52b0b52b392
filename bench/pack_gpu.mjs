// Gathers what bench/gpu.mjs needs into one folder, for a Linux machine with a GPU and without a
// network, Node or a Vulkan loader:
//
//   npm run bench:pack-gpu -- [FOLDER]          (dist-bench/gpu)
//
// There, `FOLDER/run.sh` runs it; its options are those of bench/gpu.mjs. The machine needs its
// Vulkan driver, and for the comparison a Python with PyTorch and CUDA.
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findVulkanLoader } from '../scripts/browser.mjs';
import { BUILT, buildWorker } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(BUILT, 'gpu'));

/** Files of the repository, at the same places in the folder. */
const FILES = [
  ...['floor', 'gpu', 'names', 'options', 'parity', 'process', 'results', 'signals', 'statistics'],
  ...['table', 'torch', 'turns', 'workloads'],
]
  .map((name) => `bench/${name}.mjs`)
  .concat(
    'bench/contenders/torch_worker.py',
    'scripts/pytorch_char_lm.py',
    'dist-bench/lethe_node.mjs',
    'node_modules/webgpu/package.json',
    'node_modules/webgpu/index.js',
    `node_modules/webgpu/dist/${process.platform}-${process.arch}`,
  );

const RUN = `#!/bin/sh
# The benchmark of this machine's GPU; options are those of bench/gpu.mjs (--help).
here=$(cd "$(dirname "$0")" && pwd)
LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib" exec "$here/node" "$here/bench/gpu.mjs" "$@"
`;

if (process.platform !== 'linux') throw new Error('it packs this system, and that must be Linux');
const loader = findVulkanLoader();
if (!loader) throw new Error('no Vulkan loader (libvulkan.so.1) to pack; install libvulkan1');

await buildWorker();
await rm(folder, { recursive: true, force: true });
for (const file of FILES) {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await cp(join(root, file), join(folder, file), { recursive: true });
}
await mkdir(join(folder, 'lib'));
await cp(loader, join(folder, 'lib/libvulkan.so.1'), { dereference: true });
await cp(process.execPath, join(folder, 'node'), { dereference: true });
await writeFile(join(folder, 'run.sh'), RUN);
await chmod(join(folder, 'run.sh'), 0o755);
console.log(folder);
