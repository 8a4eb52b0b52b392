import { afterEach, describe, expect, test, vi } from 'vitest';

import { nodePlatform } from '../../src/backend/node_platform';
import { implementationOf } from '../../src/backend/platform';

const MOZILLA = 'Mozilla/5.0 (X11; Linux x86_64)';
const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';

test.each([
  ['Deno/2.9.6', 'wgpu (Deno 2.9.6)'],
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    'wgpu (Firefox 145.0)',
  ],
  [`${MOZILLA} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, 'Dawn (Chrome 142.0.0.0)'],
  [`${MOZILLA} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`, 'Dawn (Chrome 142.0.0.0)'],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/26.1 Safari/605.1.15`,
    'WebKit (Safari 26.1)',
  ],
  ['Another/1.0', 'Another/1.0'],
])('the WebGPU of %s', (userAgent, implementation) => {
  expect(implementationOf(userAgent)).toBe(implementation);
});

test('Dawn is asked not to zero workgroup memory', async () => {
  const create = vi.fn<(flags: string[]) => GPU>();
  vi.doMock('webgpu', () => ({ create, globals: {} }));
  vi.stubEnv('VK_ICD_FILENAMES', 'a driver');
  try {
    await nodePlatform.findGpu();
    expect(create.mock.lastCall).toEqual([['enable-dawn-features=disable_workgroup_init']]);
  } finally {
    vi.unstubAllEnvs();
    vi.doUnmock('webgpu');
  }
});

test.each([
  ['missing', /^the npm package webgpu cannot be loaded \(Cannot find .*\); npm install webgpu$/],
  ['there', /^no WebGPU adapter was found/],
])('without a Vulkan driver, the package webgpu is %s', async (package_, reason) => {
  vi.resetModules();
  vi.stubGlobal('process', { ...process, platform: 'linux', env: {} });
  vi.doMock('node:fs', () => ({ existsSync: () => false, readdirSync: () => [] }));
  vi.doMock('node:module', () => ({
    createRequire: () => ({
      resolve: () => {
        if (package_ === 'missing') throw new Error("Cannot find module 'webgpu'\nRequire stack:");
      },
    }),
  }));
  try {
    const { nodePlatform: bare } = await import('../../src/backend/node_platform');
    const found = await bare.findGpu();
    expect('reason' in found && found.reason).toMatch(reason);
  } finally {
    vi.unstubAllGlobals();
    vi.doUnmock('node:fs');
    vi.doUnmock('node:module');
  }
});

describe('the program of a page’s threads, under Trusted Types,', () => {
  /** What a worker is made of in a page that lets it make policies, or does not. */
  async function made(createPolicy?: (name: string, rules: object) => object): Promise<unknown> {
    let address: unknown;
    class Worker {
      constructor(from: unknown) {
        address = from;
      }
      postMessage(): void {}
    }
    vi.stubGlobal('Worker', Worker);
    vi.stubGlobal('crossOriginIsolated', true);
    vi.stubGlobal('trustedTypes', createPolicy && { createPolicy });
    vi.resetModules();
    const { platform } = await import('../../src/backend/platform');
    expect(platform().startWorker('() => {}', null)).toBe(true);
    return address;
  }

  afterEach(() => vi.unstubAllGlobals());

  test('has an address that the policy lethe trusts', async () => {
    const create = vi.fn((_: string, rules: object) => ({
      createScriptURL: (url: string) => ({
        trusted: (rules as { createScriptURL(url: string): string }).createScriptURL(url),
      }),
    }));
    expect(await made(create)).toEqual({ trusted: expect.stringMatching(/^blob:/) as string });
    expect(create.mock.calls.map(([name]) => name)).toEqual(['lethe']);
  });

  test('has a plain one where the page allows no such policy, or knows of none', async () => {
    const refuse = () => {
      throw new TypeError('refused');
    };
    expect(await made(refuse)).toMatch(/^blob:/);
    expect(await made()).toMatch(/^blob:/);
  });
});
