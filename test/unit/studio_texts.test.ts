import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { TEXTS } from '../../demos/train/texts';

// The studio fetches files beside its script; here they lie on the disk.
beforeAll(() => {
  vi.stubGlobal('fetch', async (url: URL) => new Response(await readFile(fileURLToPath(url))));
});
afterAll(() => {
  vi.unstubAllGlobals();
});

const load = (id: string) => TEXTS.find((text) => text.id === id)!.load();

describe('the texts of the studio', () => {
  test('have ids and names of their own, and characters enough for the default run', async () => {
    expect(new Set(TEXTS.map(({ id }) => id)).size).toBe(TEXTS.length);
    expect(new Set(TEXTS.map(({ name }) => name)).size).toBe(TEXTS.length);
    for (const { id, load } of TEXTS) expect((await load()).length, id).toBeGreaterThan(20_000);
  });

  test.each(['story', 'verse'])(
    'what is opened in the %s is closed in the same paragraph, or speech goes on',
    async (id) => {
      const paragraphs = (await load(id)).split('\n\n');
      for (const [i, paragraph] of paragraphs.entries()) {
        expect(paragraph.split('(').length, paragraph).toBe(paragraph.split(')').length);
        const quotes = paragraph.split('"').length - 1;
        // Speech over several paragraphs begins each with a quote, and ends the last.
        if (quotes % 2 === 1) expect(paragraphs[i + 1], paragraph).toMatch(/^"/);
      }
    },
  );

  test('the code is sources of Lethe', async () => {
    const code = await load('code');
    expect(code).toContain('export function');
    expect(code).toContain(await readFile('src/ops/softmax.ts', 'utf8'));
  });

  test('the names are one a line, and of all languages in the part held out', async () => {
    const names = await load('names');
    expect(names).toMatch(/^(\p{L}+\n)+$/u);
    const end = names.slice(-names.length / 10);
    for (const ending of ['ski', 'vić', 'ez', 'oğlu', 'mann']) expect(end).toContain(`${ending}\n`);
  });
});
