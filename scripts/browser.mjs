/**
 * Where the browser and the Vulkan driver are that the tests run on.
 *
 * The tests run on SwiftShader, which computes in software and is the same on every machine: the
 * browser brings its own, and Dawn in Node takes the one that lies beside the browser, named by
 * `VK_ICD_FILENAMES`. A driver that is named there already is left alone. With
 * `LETHE_TEST_ADAPTER=hardware` they run on the machine's GPU.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Flags for a headless Chromium that draws WebGPU in software.
 *
 * `--headless=new` is given here, beside Playwright's `headless: false`, because Playwright's own
 * headless mode asks for a separate "headless shell" that has no WebGPU.
 */
export const CHROMIUM_FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  // As in Node: a shader that reads workgroup memory before it writes it shall not find zeros.
  '--enable-dawn-features=disable_workgroup_init',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** The same on the adapter that the machine has; what Linux needs to draw by Vulkan without a display. */
export const HARDWARE_FLAGS = [
  ...CHROMIUM_FLAGS.filter((flag) => !flag.startsWith('--use-webgpu-adapter')),
  '--ignore-gpu-blocklist',
  ...(process.platform === 'linux'
    ? ['--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface']
    : []),
];

/**
 * Whether the tests on WebGPU are to run on the machine's GPU, and on nothing else: what
 * `LETHE_TEST_ADAPTER` says.
 */
export function wantsHardware() {
  const wish = process.env['LETHE_TEST_ADAPTER'];
  if (!wish) return false;
  if (wish === 'hardware') return true;
  throw new Error(`LETHE_TEST_ADAPTER=${wish}; it may be hardware, or left out`);
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

const MAC_APPS = [
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Chromium.app/Contents/MacOS/Chromium',
];

/** @returns {string[]} candidate paths, the likeliest first */
function candidates() {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  if (process.platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
      .map((name) => process.env[name])
      .filter((root) => root !== undefined);
    return [
      ...roots.flatMap((root) => [
        join(root, 'Google/Chrome/Application/chrome.exe'),
        join(root, 'Chromium/Application/chrome.exe'),
      ]),
      ...onPath.map((folder) => join(folder, 'chrome.exe')),
    ];
  }
  if (process.platform === 'darwin') {
    const roots = ['/Applications', join(homedir(), 'Applications')];
    return [
      ...roots.flatMap((root) => MAC_APPS.map((app) => join(root, app))),
      ...NAMES.flatMap((name) => onPath.map((folder) => join(folder, name))),
    ];
  }
  return [
    ...NAMES.flatMap((name) => onPath.map((folder) => join(folder, name))),
    '/snap/bin/chromium',
    '/opt/google/chrome/chrome',
  ];
}

/** The executable of a Chrome or Chromium: `CHROME_PATH` first, then the usual places. */
export function findChrome() {
  const named = process.env['CHROME_PATH'];
  if (named) return existsSync(named) ? named : undefined;
  return candidates().find((path) => existsSync(path));
}

/** @param {string} chrome */
function besideChrome(chrome) {
  // A wrapper script or a link on the PATH stands elsewhere than the files of the package.
  const folders = [dirname(realpathSync(chrome)), '/usr/lib/chromium', '/opt/google/chrome'];
  return folders
    .map((folder) => join(folder, 'vk_swiftshader_icd.json'))
    .find((path) => existsSync(path));
}

function listedByDpkg() {
  try {
    const files = execFileSync('dpkg', ['-L', 'chromium', 'chromium-common'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return files.split('\n').find((line) => line.endsWith('/vk_swiftshader_icd.json'));
  } catch {
    return undefined;
  }
}

/** SwiftShader's driver manifest that comes with Chromium, for `VK_ICD_FILENAMES`. */
export function findSwiftShader() {
  const chrome = findChrome();
  return (chrome && besideChrome(chrome)) ?? listedByDpkg();
}

/** Where the system describes its Vulkan drivers. */
const DRIVERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/** Where scripts/install-lavapipe.sh unpacks it. */
const UNPACKED = fileURLToPath(new URL('../.cache/lavapipe', import.meta.url));

/**
 * The environment in which a process finds lavapipe, Mesa's Vulkan driver in software: the one that
 * was unpacked, else the system's; empty where there is none. The system reads `LD_LIBRARY_PATH` as a process starts, so it must be there by then.
 *
 * @returns {Record<string, string>}
 */
export function lavapipeEnvironment() {
  const unpacked = join(UNPACKED, 'lvp_icd.json');
  if (existsSync(unpacked)) {
    const folders = [process.env['LD_LIBRARY_PATH'], join(UNPACKED, 'lib')].filter(Boolean);
    return { VK_ICD_FILENAMES: unpacked, LD_LIBRARY_PATH: folders.join(delimiter) };
  }
  const manifest = DRIVERS.filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .find((path) => /lvp_icd.*\.json$/.test(path));
  return manifest ? { VK_ICD_FILENAMES: manifest } : {};
}

/** Whether the tests must name a Vulkan driver: on Linux, where nobody has named one. */
export function needsVulkanDriver() {
  return (
    process.platform === 'linux' &&
    !process.env['VK_ICD_FILENAMES'] &&
    !process.env['VK_DRIVER_FILES']
  );
}

/** The Vulkan loader of Linux, which Dawn opens at run time. */
export function findVulkanLoader() {
  const named = (process.env['LD_LIBRARY_PATH'] ?? '').split(delimiter).filter(Boolean);
  const folders = [...named, '/usr/lib', '/usr/lib64', '/lib', '/lib64', '/usr/local/lib']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => [
      folder,
      ...readdirSync(folder)
        .filter((name) => name.endsWith('-linux-gnu'))
        .map((name) => join(folder, name)),
    ]);
  return folders.map((folder) => join(folder, 'libvulkan.so.1')).find((path) => existsSync(path));
}

/** Whether the Vulkan loader is installed, where there is such a thing. */
export function hasVulkanLoader() {
  return process.platform !== 'linux' || findVulkanLoader() !== undefined;
}
