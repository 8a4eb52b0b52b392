import { availableParallelism, tmpdir } from 'node:os';

import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

import {
  CHROMIUM_FLAGS,
  findChrome,
  findSwiftShader,
  HARDWARE_FLAGS,
  lavapipeEnvironment,
  needsVulkanDriver,
  wantsHardware,
} from './scripts/browser.mjs';
import { denoPool } from './scripts/deno-pool.mjs';
import { packageByName } from './scripts/package-by-name.mjs';
import { LIMIT_MS } from './test/setup/limit.mjs';

const node = 'test/setup/node.ts';
const chrome = findChrome();
const hardware = wantsHardware();
const named = !needsVulkanDriver();
/** Refuses a software adapter. */
const setupFiles = hardware ? ['test/setup/hardware.ts'] : [];
const onSwiftShader = driverEnv(findSwiftShader());

const onLavapipe = {
  // Mesa complains where there is none.
  XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? tmpdir(),
  // Most of the time would go to LLVM's optimiser.
  GALLIVM_PERF: 'nopt',
  ...(hardware || named ? {} : lavapipeEnvironment()),
};

function driverEnv(driver: string | undefined): Record<string, string> {
  return driver ? { VK_ICD_FILENAMES: driver } : {};
}

/**
 * Behind the quick tests, two files at a time: one alone keeps about one core busy, or waits. `dawn` comes behind
 * those, a file at a time, beside `browser`.
 */
const pairs = { maxWorkers: 2, sequence: { groupOrder: 1 } };

export default defineConfig({
  resolve: { alias: packageByName },
  test: {
    // So that a test tells what it waited for.
    testTimeout: 2 * LIMIT_MS,
    hookTimeout: 2 * LIMIT_MS,
    // A test that asserts nothing fails, in every project.
    expect: { poll: { timeout: LIMIT_MS }, requireAssertions: true },
    projects: [
      {
        // CPU only; quick.
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          setupFiles: node,
          include: ['test/unit/**/*.test.ts'],
          // Vitest would leave a core to itself, which is half of two.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        // WebGPU in Node, through Dawn. A process of its own for each file, one at a time: a live
        // Dawn object keeps Node alive, and Vitest ends the process after its file.
        extends: true,
        test: {
          name: 'dawn',
          environment: 'node',
          include: ['test/device/**/*.test.ts', 'test/dawn/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 1,
          fileParallelism: false,
          setupFiles: [node, ...setupFiles],
          env: hardware || named ? {} : onSwiftShader,
        },
      },
      {
        // The second implementation of WebGPU, wgpu, whose compiler is naga: Deno has it, and so has
        // Firefox. On Mesa's driver, which is the quicker one there.
        extends: true,
        test: {
          name: 'deno',
          environment: 'node',
          include: ['test/device/**/*.test.ts', 'test/deno/**/*.test.ts'],
          pool: denoPool(),
          ...pairs,
          setupFiles: [node, ...setupFiles],
          env: onLavapipe,
        },
      },
      {
        // WebGPU in a headless Chromium.
        extends: true,
        test: {
          name: 'browser',
          include: ['test/device/**/*.test.ts', 'test/browser/**/*.test.ts'],
          setupFiles,
          fileParallelism: false,
          browser: {
            enabled: true,
            connectTimeout: LIMIT_MS,
            headless: false,
            ui: false,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                timeout: LIMIT_MS,
                args: hardware ? HARDWARE_FLAGS : CHROMIUM_FLAGS,
                ...(chrome ? { executablePath: chrome } : {}),
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        // The command line and the pages, driven from outside.
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/setup/built_pages.ts',
          pool: 'forks',
          ...pairs,
          env: hardware || !named ? onSwiftShader : {},
        },
      },
    ],
  },
});
