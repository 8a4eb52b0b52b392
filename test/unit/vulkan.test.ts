/** Where the command line offers Dawn the software driver of a browser. */
import type * as fs from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** All that there is, by path. */
const files = vi.hoisted(() => new Set<string>());

vi.mock('node:fs', async (original) => {
  const below = (folder: string): string[] =>
    [...files].filter((path) => path.startsWith(`${folder}/`));
  return {
    ...(await original<typeof fs>()),
    existsSync: (path: string) => files.has(path) || below(path).length > 0,
    readdirSync: below,
  };
});

// Anew, as the setup has imported a part of it before.
vi.resetModules();
const { offerSoftwareDriver } = await import('../../src/cli/vulkan');

beforeEach(() => {
  const { platform } = process;
  Object.defineProperty(process, 'platform', { value: 'linux' });
  vi.stubEnv('HOME', '/home/ada');
  for (const name of ['ICD_FILENAMES', 'DRIVER_FILES', 'ADD_DRIVER_FILES']) {
    vi.stubEnv(`VK_${name}`, undefined);
  }
  for (const name of ['DATA_DIRS', 'CONFIG_DIRS', 'DATA_HOME', 'CONFIG_HOME']) {
    vi.stubEnv(`XDG_${name}`, undefined);
  }
  files.clear();
  files.add(SWIFTSHADER);
  return () => {
    Object.defineProperty(process, 'platform', { value: platform });
    vi.unstubAllEnvs();
  };
});

const offered = (): string | undefined => {
  offerSoftwareDriver();
  return process.env.VK_ICD_FILENAMES;
};

test('it is offered where there is no other', () => {
  expect(offered()).toBe(SWIFTSHADER);
});

test('nothing is offered without a browser', () => {
  files.clear();
  expect(offered()).toBeUndefined();
});

test.each([
  '/usr/share/vulkan/icd.d/intel.json',
  '/usr/local/share/vulkan/icd.d/intel.json',
  '/etc/vulkan/icd.d/intel.json',
  '/etc/xdg/vulkan/icd.d/intel.json',
  '/home/ada/.local/share/vulkan/icd.d/intel.json',
  '/home/ada/.config/vulkan/icd.d/intel.json',
])('a driver in %s is not hidden', (path) => {
  files.add(path);
  expect(offered()).toBeUndefined();
});

test.each(['DRIVER_FILES', 'ADD_DRIVER_FILES'])('nor one that VK_%s names', (name) => {
  vi.stubEnv(`VK_${name}`, '/opt/driver.json');
  expect(offered()).toBeUndefined();
});

test('nor one in the folders that XDG_DATA_DIRS names; empty, it names none', () => {
  files.add('/nix/share/vulkan/icd.d/intel.json');
  vi.stubEnv('XDG_DATA_DIRS', '/opt/share:/nix/share');
  expect(offered()).toBeUndefined();
  files.add('/usr/share/vulkan/icd.d/intel.json');
  vi.stubEnv('XDG_DATA_DIRS', '');
  expect(offered()).toBeUndefined();
});
