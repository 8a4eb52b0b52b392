import { openDevice } from 'lethe';
import type { Device } from 'lethe';
import { CharTrainer, evaluate, sampleText } from '../../src/train/index';
import type { Job, Turn } from '../types';

/** Steps of a fresh trainer in an `encode` turn: one plain, one recorded, the rest replayed. */
const ENCODE_STEPS = 6;

/** Milliseconds for trials between the first step and the second. */
const TUNING_BUDGET_MS = 120_000;

/** Lethe, in Node or in a page: one device, one trainer. */
export class Lethe {
  #job!: Job;
  #device!: Device;
  #trainer!: CharTrainer;
  #bytes = 0;
  #tuned = false;

  /** @param backend a kind of device. */
  async begin(job: Job, backend: 'cpu' | 'webgpu'): Promise<string> {
    this.#job = job;
    const { threads } = job;
    this.#device = await (backend === 'cpu'
      ? openDevice(backend, { threads })
      : openDevice(backend));
    this.#trainer = this.#makeTrainer();
    await this.#device.finish();
    return this.#device.description;
  }

  turn(steps: number): Promise<Turn> {
    switch (this.#job.kind) {
      case 'train':
        return this.#train(steps);
      case 'sample':
        return this.#sample(steps);
      case 'eval':
        return this.#evaluate(steps);
      case 'encode':
        return this.#encode();
    }
  }

  #makeTrainer(): CharTrainer {
    const { text, cell, layers, hidden, batch, seq, lr, clip, seed } = this.#job;
    return new CharTrainer(this.#device, text, {
      ...{ cell, layers, hidden, embedding: hidden, batch, seq, lr, clip, seed },
      optimizer: 'adam',
      validFraction: 0,
    });
  }

  async #train(steps: number): Promise<Turn> {
    const { backend } = this.#device;
    const dispatched = backend.dispatches;
    let encode = 0;
    const begin = performance.now();
    for (let i = 0; i < steps; i++) encode += await this.#step();
    await this.#device.finish();
    const milliseconds = (performance.now() - begin) / steps;
    const dispatches = (backend.dispatches - dispatched) / steps;
    if (!this.#tuned) {
      // Time enough to try every way of every kernel, on a software adapter too.
      await this.#device.tune({ budget: TUNING_BUDGET_MS });
      this.#tuned = true;
    }
    // Not in the time: a report also looks for parameters that are not finite.
    const report = await this.#trainer.report();
    return {
      milliseconds,
      loss: report?.loss ?? NaN,
      dispatches,
      encode: encode / steps,
      bytes: this.#bytes,
    };
  }

  /** One step; the milliseconds of its synchronous part. */
  async #step(): Promise<number> {
    const begin = performance.now();
    const step = this.#trainer.trainStep();
    const encode = performance.now() - begin;
    const { liveBytes, pooledBytes } = this.#device.memory();
    this.#bytes = Math.max(this.#bytes, liveBytes + pooledBytes);
    await step;
    return encode;
  }

  async #sample(characters: number): Promise<Turn> {
    const { model, vocabulary } = this.#trainer;
    const begin = performance.now();
    await sampleText(model, vocabulary, { length: characters });
    return { milliseconds: (performance.now() - begin) / characters, loss: null };
  }

  async #evaluate(windows: number): Promise<Turn> {
    const { model, vocabulary } = this.#trainer;
    const { batch, seq, text } = this.#job;
    const characters = windows * seq;
    const ids = vocabulary.encode(text.slice(0, characters + 1));
    const begin = performance.now();
    const loss = await evaluate(model, ids, { batch, seq });
    return { milliseconds: (performance.now() - begin) / characters, loss };
  }

  async #encode(): Promise<Turn> {
    const trainer = this.#trainer;
    const times: number[] = [];
    for (let i = 0; i < ENCODE_STEPS; i++) {
      // With nothing under way, so that the step does not wait for another.
      await this.#device.finish();
      if (i === 1) await trainer.tune();
      times.push(await this.#step());
    }
    const report = await trainer.report();
    trainer.dispose();
    this.#trainer = this.#makeTrainer();
    await this.#device.finish();
    const [, record, ...replays] = times;
    // The least: an adapter that computes on the same cores interrupts the others.
    return { milliseconds: Math.min(...replays), record, loss: report?.loss ?? NaN };
  }
}
