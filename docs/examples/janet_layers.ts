/** Layers of the cell in janet.ts, in both directions. */
import { openDevice, Random, tensor } from 'lethe';
import { Recurrent } from 'lethe/nn';
import { janet } from './janet';

const device = await openDevice('cpu');
const random = new Random(1);
const layers = new Recurrent(device, janet, 3, 16, { numLayers: 2, bidirectional: true, random });
const values = Array.from({ length: 5 * 4 * 3 }, () => random.normal());
const x = tensor(device, values, [5, 4, 3]); // [time, batch, input]
const { output, state } = layers.run(x); // in JavaScript also [y, h] = layers.forward(x), as of a GRU
console.log('outputs', output.shape, 'last states', state[0].shape);
