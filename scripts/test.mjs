/**
 * `npm test`: everything that must hold before a change is taken. It finds a browser and Vulkan
 * drivers, checks format, lint and types, builds, checks the package, and runs every test, those on
 * WebGPU in Node, in Deno and in a browser. GPU tests that were skipped, or that did not run, fail it.
 *
 *   npm test                        all of it
 *   npm test -- --project unit      options are Vitest's; then only its tests run
 *
 * `CHROME_PATH` names a browser; `VK_ICD_FILENAMES` names a Vulkan driver. With
 * `LETHE_TEST_ADAPTER=hardware` the tests on WebGPU run on the machine's GPU, and fail on any other
 * adapter.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  findChrome,
  findSwiftShader,
  hasVulkanLoader,
  lavapipeEnvironment,
  needsVulkanDriver,
  wantsHardware,
} from './browser.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const options = process.argv.slice(2);
const hardware = wantsHardware();
/** Whether they run on drivers in software that this program looks for. */
const software = !hardware && needsVulkanDriver();

/** The projects that must run tests on WebGPU. */
const GPU_PROJECTS = ['dawn', 'deno', 'browser'];

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}

/**
 * Runs a command in the repository; its exit code.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error) console.error(error.message);
  return status ?? 1;
}

/**
 * Runs scripts of package.json one after the other, as far as they succeed; the output of each comes at its end.
 *
 * @param {string[]} scripts
 */
async function runScripts(...scripts) {
  for (const script of scripts) {
    const child = spawn('npm', ['run', '--silent', script], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // npm is a .cmd file on Windows, which only a shell starts.
      shell: process.platform === 'win32',
    });
    /** @type {Buffer[]} */
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ data) => output.push(data));
    }
    console.log(`npm run ${script} begins`);
    const status = await new Promise((resolve) => {
      child.on('error', (error) => {
        output.push(Buffer.from(error.message));
        resolve(1);
      });
      child.on('close', resolve);
    });
    console.log(`npm run ${script}\n${Buffer.concat(output).toString()}`.trimEnd());
    if (status !== 0) return [script];
  }
  return [];
}

/**
 * Splits Vitest's options into the projects that `--project` names (none means all of them) and
 * the rest, which may leave a project without tests.
 */
function readOptions() {
  /** @type {string[]} */
  const named = [];
  const filters = [];
  for (let i = 0; i < options.length; i++) {
    const option = options[i];
    if (option === '--project') named.push(options[++i] ?? '');
    else if (option.startsWith('--project=')) named.push(option.slice('--project='.length));
    else filters.push(option);
  }
  return { named, filtered: filters.length > 0 };
}

/** Whether this is Debian or its kin. */
const hasApt = existsSync('/usr/bin/apt-get');
const canInstall = hasApt && process.getuid?.() === 0;

/** @param {string[]} packages Debian's */
function install(packages) {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!canInstall) return false;
  console.log(`installing ${packages.join(', ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return (
    run('apt-get', ['update', '-qq'], env) === 0 &&
    run('apt-get', [...command.split(' ').slice(1), '-qq'], env) === 0
  );
}

/** Whether there is an adapter for `deno`: lavapipe's on Linux, else the machine's. */
function hasAdapter() {
  const env = { ...process.env, ...(software ? lavapipeEnvironment() : {}) };
  const script = join(root, 'scripts/has-adapter.mjs');
  const { status, stdout } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
  if (status === 0) console.log(`an adapter for the project deno: ${stdout.trim()}`);
  return status === 0;
}

/** Sees to it that the tests in Deno have their adapter. */
function prepareLavapipe() {
  if (hasAdapter()) return;
  if (hasApt && software) {
    console.log("getting Mesa's lavapipe");
    if (run('bash', ['scripts/install-lavapipe.sh']) === 0 && hasAdapter()) return;
  }
  fail(
    'The project deno needs a WebGPU adapter, and there is none. ' +
      (process.platform === 'linux' && !hardware
        ? `Mesa's lavapipe is one, from version 25 on. Run: ${lavapipeCommand()}` +
          (software ? '' : ', and leave VK_ICD_FILENAMES unset')
        : 'Name the other projects by --project to leave it out.'),
  );
}

function lavapipeCommand() {
  if (existsSync('/usr/bin/dnf')) return 'sudo dnf install -y mesa-vulkan-drivers';
  if (existsSync('/usr/bin/pacman')) return 'sudo pacman -S --noconfirm vulkan-swrast';
  return 'scripts/install-lavapipe.sh';
}

/** The one command that installs what the GPU tests need and this machine lacks. */
function installCommand() {
  if (process.platform === 'darwin') return 'brew install --cask google-chrome';
  if (process.platform === 'win32') return 'winget install Google.Chrome';
  if (existsSync('/usr/bin/dnf')) return 'sudo dnf install -y chromium vulkan-loader';
  if (existsSync('/usr/bin/pacman')) return 'sudo pacman -S --noconfirm chromium vulkan-icd-loader';
  return 'sudo apt-get install -y chromium libvulkan1';
}

/** @param {string[]} needed the projects that will run, but for `unit` */
function prepare(needed) {
  const isNeeded = (/** @type {string[]} */ ...names) =>
    names.some((name) => needed.includes(name));
  // SwiftShader comes with the browser.
  const needsChrome = isNeeded('browser', 'e2e') || (isNeeded('dawn') && software);
  /** What is missing: Debian's package, and what it is for. */
  const missing = () => [
    ...(findChrome() || !needsChrome ? [] : ['chromium']),
    ...(hasVulkanLoader() ? [] : ['libvulkan1']),
  ];
  if (process.env['CHROME_PATH'] && !findChrome()) {
    fail(`CHROME_PATH names no file: ${process.env['CHROME_PATH']}`);
  }
  const packages = missing();
  if (packages.length > 0 && !install(packages)) {
    fail(`The tests on WebGPU need a browser and a Vulkan loader. Run: ${installCommand()}`);
  }
  if (missing().length > 0) fail(`still missing after its installation: ${missing().join(', ')}`);
  if (isNeeded('dawn') && software && !findSwiftShader()) {
    console.warn('no SwiftShader beside the browser; Dawn takes whatever Vulkan driver it finds');
  }
  if (isNeeded('deno')) prepareLavapipe();
}

/** Runs Vitest; its exit code, and how many tests ran in each project. */
function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), 'lethe-test-'));
  const file = join(folder, 'counts.json');
  try {
    const status = run(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=./scripts/count-reporter.mjs',
        ...options,
      ],
      { LETHE_TEST_COUNTS: file },
    );
    /** @type {Record<string, import('./count-reporter.mjs').Counts>} */
    const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    return { status, counts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { named, filtered } = readOptions();
const gpu = named.length === 0 ? GPU_PROJECTS : GPU_PROJECTS.filter((name) => named.includes(name));
const e2e = named.length === 0 || named.includes('e2e');
if (gpu.length > 0 || e2e) prepare(e2e ? [...gpu, 'e2e'] : gpu);

if (options.length === 0) {
  // `npm run check`, the build and the package, in two halves of about the same length. The project e2e builds the pages.
  const failed = await Promise.all([
    runScripts('lint'),
    runScripts('format:check', 'typecheck', 'build', 'check:package'),
  ]);
  if (failed.flat().length > 0) fail(`failed: npm run ${failed.flat().join(', ')}`);
}

const { status, counts } = runVitest();

if (status !== 0 && Object.keys(counts).length === 0)
  fail('Vitest did not start its tests; see above');

const complaints = [];
for (const name of filtered ? [] : gpu) {
  const { passed = 0, failed = [], skipped = 0 } = counts[name] ?? {};
  if (passed + failed.length === 0) complaints.push(`no test ran in the project ${name}`);
  if (skipped > 0) complaints.push(`tests skipped in ${name}, where none may be: ${skipped}`);
}
for (const [name, { failed }] of Object.entries(counts)) {
  complaints.push(...failed.map((test) => `failed in ${name}: ${test}`));
}
for (const complaint of complaints) console.error(complaint);

const passed = Object.values(counts).reduce((total, project) => total + project.passed, 0);
console.log(`${passed} passed, ${complaints.length} failed`);
process.exit(status === 0 && complaints.length === 0 ? 0 : 1);
