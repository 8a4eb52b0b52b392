import { describe, expect, test } from 'vitest';

import { ArgumentError } from '../../src/index';
import { checkOptions, nearestName } from '../../src/options';
import type { OptionNames } from '../../src/options';

interface Example {
  numLayers?: number;
  dropout?: number;
  weightDecay?: number;
  lr?: number;
}

const NAMES: OptionNames<Example> = { numLayers: true, dropout: true, weightDecay: true, lr: true };

// @ts-expect-error A list that lacks a key of the interface does not compile,
const LACKING: OptionNames<Example> = { numLayers: true, dropout: true, lr: true };
// @ts-expect-error and neither does one with a key too many.
const EXCESS: OptionNames<Pick<Example, 'lr'>> = { lr: true, weightDecay: true };
void [LACKING, EXCESS];

describe('the name that was meant', () => {
  test.each([
    ['layers', 'numLayers'],
    ['num_layers', 'numLayers'],
    ['NumLayers', 'numLayers'],
    ['dropuot', 'dropout'],
    ['dropoutRate', 'dropout'],
    ['learningRate', 'lr'],
    ['learning_rate', 'lr'],
    ['Lr', 'lr'],
    ['decay', 'weightDecay'],
    ['weigthDecay', 'weightDecay'],
    ['bidirectional', undefined],
    ['x', undefined],
    ['constructor', undefined],
  ])('%s', (given, meant) => {
    expect(nearestName(given, Object.keys(NAMES))).toBe(meant);
  });

  test('the nearest of several', () => {
    expect(nearestName('initial', ['initialAccumulatorValue', 'init'])).toBe('init');
  });
});

describe('checkOptions', () => {
  test.each([{}, { lr: 1 }, { lr: undefined, dropout: 0 }, Object.create(null) as object])(
    'takes %o',
    (options) => {
      expect(() => checkOptions('Example', options, NAMES)).not.toThrow();
    },
  );

  test.each<[object | number | null | string, string]>([
    [
      { lr: 1, layers: 2 },
      'Example: unknown option layers; did you mean numLayers? It takes numLayers, dropout, ' +
        'weightDecay, lr',
    ],
    [
      { bidirectional: true },
      'Example: unknown option bidirectional; it takes numLayers, dropout, weightDecay, lr',
    ],
    [
      { toString: 1 },
      'Example: unknown option toString; it takes numLayers, dropout, weightDecay, lr',
    ],
    [2, 'Example: options = 2; an object is needed, with numLayers, dropout, weightDecay, lr'],
    [
      null,
      'Example: options = null; an object is needed, with numLayers, dropout, weightDecay, lr',
    ],
    [
      [1],
      'Example: options = a list; an object is needed, with numLayers, dropout, weightDecay, lr',
    ],
  ])('refuses %o', (options, message) => {
    const call = () => checkOptions('Example', options as object, NAMES);
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});
