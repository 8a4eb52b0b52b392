/** What units are said to follow: all probes at once, found on one half of a text and checked on the other. */
import { describe, expect, test } from 'vitest';

import { Generator, openDevice, ShapeError } from '../../src/index';
import { claimUnits, PROBES, probesOf, traceCells } from '../../src/inspect/index';
import type { LayerTrace } from '../../src/inspect/index';
import { Random } from '../../src/random';
import { Vocabulary } from '../../src/text/index';
import { CharModel, completeConfig } from '../../src/train/index';
import { thrown } from '../setup/nn_helpers';
import { plantQuotes, QUOTES } from '../setup/planted';

const PROSE = 'He said "good day" and left.\nShe said "no", then "yes, of course" (twice).\n';
const CODE = 'if (a > 1) {\n  call(b[i]); // twice\n  run();\n}\n';

/** A trace of given columns, each [time]. */
function traceOf(columns: readonly ArrayLike<number>[], layer = 0): LayerTrace {
  const [{ length: time }, hidden] = [columns[0], columns.length];
  const h = Float32Array.from({ length: time * hidden }, (_, at) => {
    return columns[at % hidden][Math.floor(at / hidden)];
  });
  return { cell: 'gru', layer, time, hidden, states: { h }, gates: {}, opening: [] };
}

describe('the probes of a text', () => {
  test('those that occur, in several places of both halves', () => {
    expect(probesOf(PROSE.repeat(20))).toEqual([
      ...['linePosition', 'newline', 'quotes', 'parentheses', 'word', 'wordLength', 'consonants'],
      ...['capitalWord', 'sentenceStart', 'capital'],
    ]);
    const code = probesOf(CODE.repeat(20));
    for (const name of ['comments', 'braces', 'brackets', 'depth', 'ifCondition', 'indentation']) {
      expect(code).toContain(name);
    }
    expect(code).not.toContain('quotes');
  });

  test('one that is the same as another is left out', () => {
    // All brackets are round, and none is within another.
    expect(probesOf(PROSE.repeat(20))).not.toContain('depth');
    expect(probesOf('((a) b) c\n'.repeat(40))).toContain('depth');
  });

  test('one that only one half has is left out', () => {
    const half = 'a (b) c\n'.repeat(50);
    expect(probesOf(half + half)).toContain('parentheses');
    expect(probesOf(half + half.replace(/[()]/g, '-'))).not.toContain('parentheses');
  });

  test.each(['', 'a', '"', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '\n'.repeat(100)])(
    'nothing can be told apart in %j',
    (text) => {
      expect(probesOf(text)).toEqual([]);
      const time = Array.from(text).length;
      if (time > 0) expect(claimUnits([traceOf([new Float32Array(time)])], text)).toEqual([]);
    },
  );
});

describe('the claims', () => {
  test('the unit that was made to follow quotes comes first', async () => {
    const text = PROSE.repeat(8);
    const vocabulary = Vocabulary.fromText(text);
    const device = await openDevice('cpu', { reference: true });
    const config = completeConfig(QUOTES);
    const model = new CharModel(device, vocabulary.size, config, 5, new Generator(device, 1));
    await plantQuotes(model, vocabulary);
    const traces = await traceCells(model, vocabulary.encode(text));
    const claims = claimUnits(traces, text);
    expect(claims).toHaveLength(8);
    expect(claims[0]).toMatchObject({ layer: 1, unit: 2, probe: 'quotes', holds: true });
    expect(claims[0].correlation).toBeGreaterThan(0.999);
    expect(claims[0].memory).toBeGreaterThan(0.999);
  });

  test('what the character just read tells comes after what takes memory', () => {
    const text = PROSE.repeat(20);
    const noise = new Random(3);
    const blurred = (values: Float32Array, sign: number) =>
      values.map((value) => sign * value + 0.3 * noise.normal());
    const columns = [PROBES.capital(text), blurred(PROBES.quotes(text), -1)];
    const [first, second] = claimUnits([traceOf(columns)], text);
    expect(first).toMatchObject({ unit: 1, probe: 'quotes', holds: true });
    expect(first.correlation).toBeLessThan(-0.5);
    expect(second).toMatchObject({ unit: 0, probe: 'capital', memory: 0, holds: true });
    expect(second.correlation).toBeCloseTo(1, 6);
  });

  test('a weak memory does not take the place of what a unit clearly follows', () => {
    const text = PROSE.repeat(20);
    const scaled = (values: Float32Array): Float32Array => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      return values.map((value) => (value - mean) / Math.sqrt(square));
    };
    const position = scaled(PROBES.linePosition(text));
    const column = scaled(PROBES.capital(text)).map((value, t) => value + 0.4 * position[t]);
    const [claim] = claimUnits([traceOf([column])], text);
    expect(claim.probe).toMatch(/^capital/);
    expect(claim.holds).toBe(true);
  });

  test('what follows in one half alone is not claimed', () => {
    const text = PROSE.repeat(20);
    const noise = new Random(3);
    const quotes = PROBES.quotes(text);
    const half = quotes.map((value, t) => (2 * t < quotes.length ? value : noise.normal()));
    const [claim] = claimUnits([traceOf([half])], text);
    expect(claim).toMatchObject({ probe: 'quotes', holds: false });
    expect(Math.abs(claim.correlation)).toBeLessThan(0.3);
  });

  test('a unit that turns its sign between the halves is not claimed', () => {
    const text = PROSE.repeat(20);
    const quotes = PROBES.quotes(text);
    const turned = quotes.map((value, t) => (2 * t < quotes.length ? value : -value));
    expect(claimUnits([traceOf([turned])], text)[0].holds).toBe(false);
  });

  test('noise of any slowness convinces nobody', () => {
    // A text without a period, as what repeats is easily met by chance.
    const words = new Random(11);
    const text = Array.from({ length: 400 }, () => {
      const word = 'abcdefg'.slice(0, 1 + Math.floor(7 * words.uniform()));
      const kind = Math.floor(12 * words.uniform());
      if (kind === 0) return `"${word} ${word}",`;
      if (kind === 1) return `(${word})\n`;
      return kind === 2 ? `${word}.\n` : word;
    }).join(' ');
    expect(probesOf(text)).toEqual(
      expect.arrayContaining(['quotes', 'parentheses', 'linePosition']),
    );
    const time = text.length;
    const noise = new Random(4);
    const columns = Array.from({ length: 200 }, (_, unit) => {
      const keeps = 1 - 0.5 ** (unit % 9);
      let value = 0;
      return Float32Array.from({ length: time }, () => (value = keeps * value + noise.normal()));
    });
    const claims = claimUnits([traceOf(columns)], text);
    expect(claims.filter(({ holds }) => holds)).toEqual([]);
  });

  test('units that are constant or not finite follow nothing', () => {
    const text = PROSE.repeat(20);
    const time = text.length;
    const columns = [new Float32Array(time).fill(0.3), new Float32Array(time).fill(NaN)];
    for (const claim of claimUnits([traceOf(columns)], text)) {
      expect(claim).toMatchObject({ correlation: 0, memory: 0, holds: false });
    }
  });

  test('refuses another text than the one that was traced', () => {
    const message = thrown(ShapeError, () => claimUnits([traceOf([[1, 2]])], 'abc'));
    expect(message).toMatch(/text has 3 characters, the trace 2/);
  });
});
