import { readdirSync } from 'node:fs';

import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

import { noCycle } from './scripts/no-cycle.mjs';

/**
 * What each part of src/ may import, besides itself. Imports point down only: a part stands below
 * everything that names it. A new part of src/ needs a row here.
 *
 * @type {Record<string, string[]>}
 */
const MAY_IMPORT = (() => {
  const bottom = ['errors.ts', 'options.ts', 'random.ts'];
  const backend = [...bottom, 'io', 'backend'];
  const kernels = [...backend, 'cell', 'kernels'];
  const tensor = [...kernels, 'autotune', 'tensor'];
  const autograd = [...tensor, 'autograd'];
  const ops = [...autograd, 'ops'];
  const train = [...ops, 'nn', 'optim', 'text', 'data', 'metrics', 'ctc'];
  const library = [...train, 'train'];
  return {
    'errors.ts': [],
    'options.ts': ['errors.ts'],
    'random.ts': ['errors.ts'],
    backend: [...bottom, 'io'],
    cell: ['errors.ts', 'options.ts'],
    kernels: [...backend, 'cell'],
    autotune: backend,
    tensor: [...kernels, 'autotune'],
    autograd: tensor,
    ops: autograd,
    nn: ops,
    optim: ops,
    text: bottom,
    data: bottom,
    metrics: ['errors.ts', 'options.ts', 'data'],
    ctc: ['errors.ts', 'options.ts', 'text'],
    io: ['errors.ts', 'options.ts'],
    train,
    inspect: library,
    sample: library,
    'index.ts': library,
    'node.ts': ['backend', 'tensor', 'index.ts'],
    cli: [...library, 'index.ts'],
  };
})();

const NODE_ONLY = ['src/cli/**', 'src/io/atomic_file.ts', 'src/backend/node_platform.ts'];

for (const part of readdirSync(new URL('src', import.meta.url))) {
  if (!(part in MAY_IMPORT)) throw new Error(`eslint.config.js: MAY_IMPORT has no row for ${part}`);
}

const zones = [
  ...Object.entries(MAY_IMPORT).map(([part, below]) => ({
    target: `./src/${part}`,
    from: './src',
    except: [part, ...below].map((name) => `./${name}`),
    message: `src/${part} may import ${below.join(', ') || 'nothing'}.`,
  })),
  { target: './src', from: ['./test', './bench', './scripts'] },
  { target: './src/!(cli)', from: './demos' },
  {
    target: './src/cli',
    from: './demos',
    except: ['./tasks'],
    message: 'Of the demos the command line has the tasks alone.',
  },
  { target: './demos', from: './src/cli', message: 'A page shares src/train with the CLI.' },
];

/** The ways in which a test would set a time limit, but for LIMIT_MS. */
const OWN_LIMITS = [
  // test('...', () => {}, 1000), test.only('...', () => {}, 1000), test.each([])('...', () => {}, 1000)
  ...['callee.name', 'callee.object.name', 'callee.callee.object.name'].map(
    (name) =>
      `CallExpression[${name}=/^(test|it|describe)$/]:not([arguments.1.type="ObjectExpression"])` +
      '[arguments.2.type=/^(Literal|Identifier|BinaryExpression|MemberExpression)$/]',
  ),
  // beforeAll(() => {}, 1000)
  'CallExpression[callee.name=/^(before|after)(All|Each)$/][arguments.1]',
  // { timeout: 1000 } of a test, a poll, a page or a child process
  'CallExpression > ObjectExpression > Property[key.name=/^(timeout|interval|(test|hook|teardown)Timeout)$/]:not([value.name="LIMIT_MS"])',
  // vi.setConfig({ testTimeout: 1000 })
  'CallExpression[callee.object.name="vi"][callee.property.name="setConfig"]',
  // page.setDefaultTimeout(1000)
  'CallExpression[callee.property.name=/^set(Default)?(Navigation)?Timeout$/]:not([arguments.0.name="LIMIT_MS"])',
  // AbortSignal.timeout(1000)
  'CallExpression[callee.object.name="AbortSignal"][callee.property.name="timeout"]',
];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      'dist/',
      '.cache/',
      'dist-pages/',
      'dist-site/',
      'dist-demos/',
      'dist-bench/',
      'coverage/',
      'runs/',
      'test/fixtures/',
      // AssemblyScript, a language of its own.
      'src/backend/cpu/simd/assembly/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'import-x': importX, lethe: { rules: { 'no-cycle': noCycle } } },
    settings: {
      ...importX.flatConfigs.typescript.settings,
      'import-x/resolver-next': [createTypeScriptImportResolver()],
    },
    rules: {
      eqeqeq: 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      // An interface's asynchronous method may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'lethe/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
    },
  },
  {
    // The rule does not see JSDoc casts, so that every JSON.parse would fail.
    files: ['**/*.{js,mjs}'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'max-lines': ['error', 300],
      'no-console': 'error',
      'import-x/no-default-export': 'error',
      // Users install the dependencies of the package, not what it was built with.
      'import-x/no-extraneous-dependencies': ['error', { devDependencies: false }],
    },
  },
  {
    // The library runs in browsers and workers too.
    files: ['src/**/*.{ts,tsx}'],
    ignores: NODE_ONLY,
    rules: {
      'import-x/no-nodejs-modules': 'error',
      'no-restricted-imports': ['error', 'webgpu', 'commander'],
      'no-restricted-globals': ['error', 'Buffer', 'process', 'window', 'document'],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportExpression[source.value="webgpu"]',
          message: 'Only src/backend/node_platform.ts loads the npm package webgpu.',
        },
      ],
    },
  },
  {
    files: ['src/cli/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**', 'scripts/package/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...OWN_LIMITS.map((selector) => ({
          selector,
          message:
            'No test has a time limit of its own: vitest.config.ts and test/setup/limit.mjs have ' +
            'them, far beyond what a slow machine takes.',
        })),
        {
          selector:
            'CallExpression[callee.object.name=/^(performance|Date)$/][callee.property.name="now"]',
          message:
            'How long something takes says nothing on a machine with other work; test/setup/cpu_time.ts ' +
            'tells how the work grows.',
        },
      ],
    },
  },
);
