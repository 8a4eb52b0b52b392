/**
 * Checks the package as its users get it: packs it, lints the manifest (publint), compiles a small
 * program against the types in the strictest way (every .d.ts checked, no ambient types of WebGPU,
 * of Node or of Vite), imports every entry in Node, and asks the command line for its version.
 * Needs a build.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** @typedef {{ version: string, exports: Record<string, unknown>, dependencies: object }} Manifest */

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = /** @type {Manifest} */ (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
);
const entries = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => path.replace('.', 'lethe'));

/** A line of `tsc --listFiles`. */
const LISTED_FILE = /^.*\.ts\r?\n/gm;

/** @type {string[]} */
const complaints = [];

/**
 * @param {string} what
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function run(what, command, args, cwd) {
  const shell = process.platform === 'win32' && command === 'npm';
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    shell,
    encoding: 'utf8',
  });
  if (status !== 0) {
    const output = error?.message ?? stdout + stderr;
    complaints.push(`${what}\n${output.replaceAll(LISTED_FILE, '').trimEnd()}`);
  }
  return stdout;
}

/** @param {string} tarball */
async function lintManifest(tarball) {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: new Uint8Array(bytes).buffer },
    strict: true,
  });
  for (const message of messages) {
    complaints.push(`publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
  }
}

/**
 * @param {string} folder where the package is installed
 * @param {'bundler' | 'nodenext'} moduleResolution
 */
function compile(folder, moduleResolution) {
  const config = {
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2022', 'DOM', 'ESNext.Disposable'],
      module: moduleResolution === 'bundler' ? 'ESNext' : 'NodeNext',
      moduleResolution,
      types: [],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    },
    files: ['consumer.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const listing = run(
    `the types do not compile under moduleResolution ${moduleResolution}:`,
    process.execPath,
    [tsc, '-p', folder, '--listFiles'],
    folder,
  );
  return listing.split('\n').filter((line) => /node_modules\/lethe\/.*\.d\.ts$/.test(line.trim()));
}

/**
 * Users may have an older TypeScript, whose DOM library knows nothing of WebGPU, so no type of
 * WebGPU may be reachable from the entries.
 *
 * @param {string[]} files
 */
function findGpuTypes(files) {
  for (const file of files) {
    const lines = readFileSync(file.trim(), 'utf8').split('\n');
    lines.forEach((line, i) => {
      const isComment = /^\s*(\/?\*|\/\/(?!\/))/.test(line);
      if (!isComment && /\bGPU[A-Z]?\w*|@webgpu\/types|reference types=/.test(line)) {
        complaints.push(`${file.trim()}:${i + 1}: a type of WebGPU is public: ${line.trim()}`);
      }
    });
  }
}

const folder = mkdtempSync(join(tmpdir(), 'lethe-package-'));
try {
  run('npm pack', 'npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack made no tarball\n${complaints.join('\n')}`);

  const installed = join(folder, 'node_modules/lethe');
  mkdirSync(installed, { recursive: true });
  run('tar', 'tar', ['-xzf', tarball, '-C', 'node_modules/lethe', '--strip-components=1'], folder);
  for (const name of Object.keys(manifest.dependencies)) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }

  const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}';`).join('\n');
  const names = entries.map((_, i) => `entry${i}`).join(', ');
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'consumer.ts'), `${imports}\nexport const entries = [${names}];\n`);
  writeFileSync(join(folder, 'consumer.js'), `${imports}\nvoid [${names}];\n`);

  await lintManifest(join(folder, tarball));
  compile(folder, 'bundler');
  findGpuTypes(compile(folder, 'nodenext'));
  run('the entries do not load in Node:', process.execPath, ['consumer.js'], folder);
  const main = join(installed, 'dist/cli/main.js');
  if (!existsSync(main)) complaints.push('dist/cli/main.js is missing');
  const version = run('lethe --version:', process.execPath, [main, '--version'], folder).trim();
  if (version !== manifest.version) complaints.push(`lethe --version says ${version}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length === 0 ? 0 : 1);
