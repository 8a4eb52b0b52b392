/** The forecasters of a series that the page of shapes trained, in a program of your own. */
import { dispose, openDevice, scope, slice, tensor } from 'lethe';
import { Scaler } from 'lethe/data';
import type { ScalerData } from 'lethe/data';
import { GRU, Linear, MLP, Module } from 'lethe/nn';
import { ofModel, readTrainingFile } from 'lethe/train';

interface Meta {
  scaling: { transform: 'none' | 'roots'; scaler: ScalerData };
  order: number;
  windowUnits: number;
  recurrentUnits: number;
}

/** From the file's bytes, a function that forecasts the value after those that are known, by both networks. */
export async function readForecaster(bytes: Uint8Array) {
  const { about, tensors } = readTrainingFile(bytes);
  const { scaling, order, windowUnits, recurrentUnits } = (about as { meta: Meta }).meta;
  const scaler = Scaler.fromJSON(scaling.scaler);
  // Counts are read as their roots; a series of your own is read as it is.
  const roots = scaling.transform === 'roots';
  const device = await openDevice();
  const model = new (class extends Module {
    window = new MLP(device, [order, windowUnits, 1], { nonlinearity: 'tanh' });
    recurrent = new GRU(device, 1, recurrentUnits);
    decoder = new Linear(device, recurrentUnits, 1);
  })();
  model.loadStateDict(ofModel(tensors));
  return async (known: readonly number[]): Promise<{ window: number; recurrent: number }> => {
    const lowest = Math.min(...known);
    if (roots && lowest < 0) throw new RangeError(`${lowest} is below 0: it learnt counts`);
    const x = scaler.transform(roots ? known.map(Math.sqrt) : known);
    const next = scope(() => {
      const [states] = model.recurrent.forward(tensor(device, x, [x.length, 1, 1]));
      return [
        model.window.forward(tensor(device, x.slice(-order), [1, order])),
        model.decoder.forward(slice(states, 0, { start: -1 })),
      ];
    });
    const values = await Promise.all(next.map((value) => value.item()));
    dispose(next);
    const [window, recurrent] = scaler
      .inverse(values)
      .map((value) => (roots ? Math.max(value, 0) ** 2 : value));
    return { window, recurrent };
  };
}
