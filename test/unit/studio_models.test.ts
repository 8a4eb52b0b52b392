import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { MODELS } from '../../demos/train/models';
import { TEXTS } from '../../demos/train/texts';
import { findUnits, PROBES, traceCells } from '../../src/inspect/index';
import { openDevice } from '../../src/node';
import { evaluate, initFromCheckpoint, loadModel, readCheckpoint } from '../../src/train/index';

/** Bytes: to be fetched while one waits. */
const MAX_BYTES = 250_000;
/** Characters that the studio reads when one looks inside. */
const READ = 4000;

// The studio fetches files beside its script; here they lie on the disk.
beforeAll(() => {
  vi.stubGlobal('fetch', async (url: URL) => new Response(await readFile(fileURLToPath(url))));
});
afterAll(() => {
  vi.unstubAllGlobals();
});

const files = MODELS.map((model) => ({
  ...model,
  source: TEXTS.find(({ id }) => id === model.id),
}));

describe('the trained models of the studio', () => {
  test.each(files)('$id is small, knows its text, and can be trained on', async (model) => {
    const { id, url, source } = model;
    const bytes = await readFile(fileURLToPath(url));
    expect(bytes.length).toBeLessThan(MAX_BYTES);
    const text = await source!.load();
    const device = await openDevice('cpu');
    const checkpoint = readCheckpoint(bytes, id);
    const loaded = loadModel(device, checkpoint);
    const heldOut = text.slice(-READ);
    const loss = await evaluate(loaded.model, loaded.vocabulary.encode(heldOut), {
      batch: 1,
      seq: 100,
    });
    // Nats a character: bigrams of letters come to 2.3.
    expect(loss).toBeLessThan(1.7);
    const { trainer } = await initFromCheckpoint(device, text, checkpoint);
    await trainer.trainStep();
    expect((await trainer.report())!.loss).toBeLessThan(1.7);
    trainer.dispose();
    loaded.model.dispose();
    device.dispose();
  });

  test('a unit of the loud story is on inside quotes', async () => {
    const { url, source } = files.find(({ id }) => id === 'loud')!;
    const device = await openDevice('cpu');
    const { model, vocabulary } = loadModel(
      device,
      readCheckpoint(await readFile(fileURLToPath(url))),
    );
    const text = await source!.load();
    for (const part of [text.slice(0, READ), text.slice(-READ)]) {
      const [best] = findUnits(
        await traceCells(model, vocabulary.encode(part)),
        PROBES.quotes(part),
      );
      expect(Math.abs(best.correlation)).toBeGreaterThan(0.9);
    }
    model.dispose();
    device.dispose();
  });
});
