/** The operations and layers of Lethe, as they are when the page is built. */
const files = import.meta.glob<string>(['../../../src/ops/*.ts', '../../../src/nn/*.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

export const code = Object.values(files).join('\n');
