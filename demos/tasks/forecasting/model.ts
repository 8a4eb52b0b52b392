import { add, mseLoss, noGrad, scope, tensor } from 'lethe';
import type { Device, Random, Tensor } from 'lethe';
import { GRU, Linear, MLP, Module } from 'lethe/nn';

import { scaled, unscaled } from './series';
import type { ForecastBatch, Scaling, Series } from './series';

export const NETWORKS = ['window', 'recurrent'] as const;
export type NetworkName = (typeof NETWORKS)[number];

/** All that a model is made from, and goes on from. JSON. */
export interface ForecastMeta {
  readonly scaling: Scaling;
  /** Values that the window looks back on. */
  readonly order: number;
  /** Hidden units of either network. */
  readonly windowUnits: number;
  readonly recurrentUnits: number;
  /** The whole series, tests included. */
  readonly series: Series;
}

/**
 * Two networks side by side, which share nothing: one sees the last `order` values through a window, the
 * other reads value after value and must keep what matters in its state.
 */
export class Forecaster extends Module {
  readonly window: MLP;
  readonly recurrent: GRU;
  readonly decoder: Linear;

  constructor(
    readonly device: Device,
    meta: Pick<ForecastMeta, 'order' | 'windowUnits' | 'recurrentUnits'>,
    random: Random,
  ) {
    super();
    const { order, windowUnits, recurrentUnits } = meta;
    this.window = new MLP(device, [order, windowUnits, 1], { nonlinearity: 'tanh', random });
    this.recurrent = new GRU(device, 1, recurrentUnits, { random });
    this.decoder = new Linear(device, recurrentUnits, 1, { random });
  }

  /**
   * The sum of both networks' mean squared errors.
   *
   * @param batch as `ForecastBatch` has it, on the device.
   */
  loss({ windows, next, inputs, targets }: Record<keyof ForecastBatch, Tensor>): Tensor {
    const [output] = this.recurrent.forward(inputs);
    return add(
      mseLoss(this.window.forward(windows), next),
      mseLoss(this.decoder.forward(output), targets),
    );
  }

  /**
   * What each network forecasts from several starts on, `steps` values ahead: each forecast is an input of
   * the next.
   *
   * @param values the series, in its own unit.
   * @param starts positions from `order + 1` to values.length; the values before a start are known there.
   * @returns of each network [starts][steps], in the series' own unit.
   */
  async forecast(
    values: readonly number[],
    { scaling, order }: Pick<ForecastMeta, 'scaling' | 'order'>,
    starts: readonly number[],
    steps: number,
  ): Promise<Record<NetworkName, number[][]>> {
    const inputs = scaled(values, scaling);
    // Of a start, in what the networks read.
    const places = starts.map((start) => start - (scaling.transform === 'changes' ? 1 : 0));
    const forecasts = {
      window: await this.#byWindow(inputs, order, places, steps),
      recurrent: await this.#byState(inputs, places, steps),
    };
    const inUnit = (rows: number[][]): number[][] =>
      rows.map((row, i) => {
        let last = values[starts[i] - 1];
        return row.map((y) => (last = unscaled(y, last, scaling)));
      });
    return { window: inUnit(forecasts.window), recurrent: inUnit(forecasts.recurrent) };
  }

  async #byWindow(
    inputs: readonly number[],
    order: number,
    places: readonly number[],
    steps: number,
  ): Promise<number[][]> {
    const rows = places.map((place) => inputs.slice(place - order, place));
    for (let step = 0; step < steps; step++) {
      const latest = rows.flatMap((row) => row.slice(-order));
      const next = await this.#read(() =>
        this.window.forward(tensor(this.device, latest, [rows.length, order])),
      );
      rows.forEach((row, i) => row.push(next[i]));
    }
    return rows.map((row) => row.slice(order));
  }

  async #byState(
    inputs: readonly number[],
    places: readonly number[],
    steps: number,
  ): Promise<number[][]> {
    const { device } = this;
    const width = this.recurrent.hiddenSize;
    const read = places.reduce((most, place) => Math.max(most, place), 0);
    // A GRU's output is its state: all of them at once.
    const states = await this.#read(
      () => this.recurrent.forward(tensor(device, inputs.slice(0, read), [read, 1, 1]))[0],
    );
    let state = places.flatMap((place) => states.slice((place - 1) * width, place * width));
    const shape = [1, places.length, width];
    const rows: number[][] = places.map(() => []);
    for (let step = 0; step < steps; step++) {
      const next = await this.#read(() => this.decoder.forward(tensor(device, state, shape)));
      rows.forEach((row, i) => row.push(next[i]));
      if (step + 1 === steps) break;
      state = await this.#read(() => {
        const x = tensor(device, next, [1, places.length, 1]);
        return this.recurrent.forward(x, tensor(device, state, shape))[1];
      });
    }
    return rows;
  }

  async #read(body: () => Tensor): Promise<number[]> {
    const result = noGrad(() => scope(body));
    const values = Array.from(await result.data());
    result.dispose();
    return values;
  }
}
