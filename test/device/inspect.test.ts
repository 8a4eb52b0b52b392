/** What units do on a text, on WebGPU as on the CPU. */
import { afterAll, expect, test } from 'vitest';
import { Generator, openDevice } from '../../src/index';
import type { Device } from '../../src/index';
import { traceCells } from '../../src/inspect/index';
import { CELL_NAMES, CharModel, completeConfig } from '../../src/train/index';
import { distance } from '../setup/nn_helpers';

const devices = { webgpu: await openDevice('webgpu'), cpu: await openDevice('cpu') };
afterAll(() => devices.webgpu.dispose());

/** More characters than the device has under way at once. */
const IDS = Int32Array.from({ length: 600 }, (_, t) => (t * t + (t >> 2)) % 9);

test.each(CELL_NAMES)('%s', async (cell) => {
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
  for (const [layer, { states, gates }] of expected.entries()) {
    for (const kind of ['states', 'gates'] as const) {
      const found = actual[layer][kind];
      expect(Object.keys(found)).toEqual(Object.keys(kind === 'states' ? states : gates));
      for (const [name, values] of Object.entries(kind === 'states' ? states : gates)) {
        // What a cell without a forget gate holds is a sum over all steps.
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(distance(found[name], values) / largest, name).toBeLessThan(1e-4);
      }
    }
  }
});
