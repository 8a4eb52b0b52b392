/** What units do on a text, on WebGPU as on the CPU. */
import { afterAll, expect, test } from 'vitest';
import { Generator, openDevice } from '../../src/index';
import type { Device } from '../../src/index';
import { GATES, traceCells } from '../../src/inspect/index';
import { CharModel, completeConfig } from '../../src/train/index';
import { distance } from '../setup/nn_helpers';

const devices = { webgpu: await openDevice('webgpu'), cpu: await openDevice('cpu') };
afterAll(() => devices.webgpu.dispose());

/** More characters than the device has under way at once. */
const IDS = Int32Array.from({ length: 600 }, (_, t) => (t * t + (t >> 2)) % 9);

test.each(['rnn', 'lstm', 'gru'] as const)('%s', async (cell) => {
  const trace = async (device: Device) => {
    const generator = new Generator(device, 1);
    const config = completeConfig({ cell, hidden: 10, layers: 2, embedding: 4 });
    const model = new CharModel(device, 9, config, 5, generator);
    const live = device.memory().liveTensors;
    const layers = await traceCells(model, IDS);
    await device.finish();
    expect(device.memory().liveTensors).toBe(live);
    model.dispose();
    generator.dispose();
    return layers;
  };
  const [actual, expected] = [await trace(devices.webgpu), await trace(devices.cpu)];
  for (const [layer, { h, c, gates }] of expected.entries()) {
    expect(distance(actual[layer].h, h)).toBeLessThan(1e-4);
    expect(distance(actual[layer].c ?? [], c ?? [])).toBeLessThan(1e-4);
    for (const gate of GATES[cell]) {
      expect(distance(actual[layer].gates[gate]!, gates[gate]!)).toBeLessThan(1e-4);
    }
  }
});
