/**
 * Trains the networks that a page has ready, by its lessons and with a fixed seed, and writes them beside it:
 *
 *   node scripts/train-page-models.mjs PAGE LESSON [LESSON ...]
 *
 * PAGE is a folder of demos; demos/PAGE/lessons/LESSON.ts exports the lesson under its name; the file is
 * demos/PAGE/models/LESSON.safetensors, in bfloat16. The figures that are printed are those before the rounding.
 */
import { mkdir, writeFile } from 'node:fs/promises';

import { serveSources } from '../bench/load.mjs';
import { inBfloat16 } from './bfloat16.mjs';

const [page, ...names] = process.argv.slice(2);
if (!page || names.length === 0) throw new Error('name a page and its lessons: shapes dates');
const server = await serveSources();
try {
  const { ExampleRun } = /** @type {typeof import('../demos/tasks/example')} */ (
    await server.ssrLoadModule('/demos/tasks/example.ts')
  );
  const { modelOnly } = /** @type {typeof import('../src/train/index')} */ (
    await server.ssrLoadModule('/src/train/index.ts')
  );
  const { openDevice } = /** @type {typeof import('../src/node')} */ (
    await server.ssrLoadModule('/src/node.ts')
  );
  const folder = new URL(`../demos/${page}/models/`, import.meta.url);
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    const begin = performance.now();
    const used = process.cpuUsage();
    const module = await server.ssrLoadModule(`/demos/${page}/lessons/${name}.ts`);
    const lesson = /** @type {import('../demos/learn/lesson').Lesson} */ (module[name]);
    const example = lesson.example(undefined);
    const { epochs, monitor } = example.training;
    const device = await openDevice('cpu');
    const run = new ExampleRun(example, device, await example.load(), {
      source: null,
      seed: 1,
      epochs,
    });
    /** @type {import('../src/train/index').BestMetric | undefined} */
    let best;
    for await (const event of run.fit()) {
      if (event.kind !== 'report' || !event.metrics) continue;
      const value = event.metrics[monitor];
      if (event.improved) best = { step: event.step, value };
      console.log(
        `${name}  epoch ${event.epoch.toFixed(1)}  loss ${event.loss.toFixed(4)}  ${monitor} ${value.toFixed(4)}`,
      );
    }
    if (best) run.trainer.restoreBest();
    const test = await run.test();
    const bytes = inBfloat16(modelOnly(await run.save(best)));
    await writeFile(new URL(`${name}.safetensors`, folder), bytes);
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    const { user, system } = process.cpuUsage(used);
    const busy = ((user + system) / 1e6).toFixed(0);
    console.log(
      `${name}  ${JSON.stringify(test)}  ${(bytes.length / 1e3).toFixed(0)} kB after ${seconds} s, ${busy} s of the processor`,
    );
    run.dispose();
    device.dispose();
  }
} finally {
  await server.close();
}
