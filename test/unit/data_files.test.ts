import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  checkLabels,
  csvColumn,
  csvNumbers,
  decodeSpans,
  encodeSpans,
  kFold,
  MinMaxScaler,
  parseConll,
  parseCsv,
  Scaler,
  slidingWindows,
  splitExamples,
  StandardScaler,
} from '../../src/data/index';
import { ArgumentError, CheckpointError, DataError, ShapeError } from '../../src/index';

type Kind = new (message: string) => Error;
type Row = [RegExp, Kind, () => unknown];

function refuses(message: RegExp, kind: Kind, call: () => unknown): void {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
}

describe('parseCsv', () => {
  test('quotes, line ends and empty lines', () => {
    const table = parseCsv('\ufeffname,says\r\nAnn,"a, ""b""\nc"\r\n\r\n"",x\nBob,');
    expect(table.columns).toEqual(['name', 'says']);
    expect(table.rows).toEqual([
      ['Ann', 'a, "b"\nc'],
      ['', 'x'],
      ['Bob', ''],
    ]);
    expect(table.lines).toEqual([2, 5, 6]);
  });

  test('another separator, and no header', () => {
    const table = parseCsv('1\t2,5\n3\t4\n', { separator: '\t', header: false });
    expect(table.columns).toEqual(['0', '1']);
    expect(csvColumn(table, '1')).toEqual(['2,5', '4']);
    expect(csvNumbers(table, '0')).toEqual([1, 3]);
  });

  test('what stands for a missing number', () => {
    const table = parseCsv('x,y\n0.5,\n NA ,2\n');
    expect(csvNumbers(table, 'x', { naValues: ['', 'NA'] })).toEqual([0.5, NaN]);
    expect(csvNumbers(table, 'y', { naValues: [''] })).toEqual([NaN, 2]);
    expect(csvNumbers(parseCsv('x\n1\n""\n3'), 'x', { naValues: [''] })).toEqual([1, NaN, 3]);
  });

  test('an empty field is no empty line', () => {
    const { rows, lines } = parseCsv('a\n""\n\nx');
    expect(rows).toEqual([[''], ['x']]);
    expect(lines).toEqual([2, 4]);
  });

  test('reads what was written by the rules', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é') });
    const rows = fc
      .integer({ min: 1, max: 3 })
      .chain((columns) =>
        fc.array(fc.array(field, { minLength: columns, maxLength: columns }), { minLength: 1 }),
      );
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n'), (all, end) => {
        const text = all
          .map((row) => row.map((f) => `"${f.replaceAll('"', '""')}"`).join(',') + end)
          .join('');
        expect(parseCsv(text, { header: false }).rows).toEqual(all);
      }),
    );
  });

  test.each<Row>([
    [/line 3 has 1 fields, and the first has 2/, DataError, () => parseCsv('a,b\n1,2\n3\n')],
    [/line 2 opens a quote that is never closed/, DataError, () => parseCsv('a\n"b\nc')],
    [/line 2 goes on behind a closing quote/, DataError, () => parseCsv('a\n"b"c\n')],
    [/the text is empty/, DataError, () => parseCsv('\n\n')],
    [/text = undefined; a string/, ArgumentError, () => parseCsv(undefined as never)],
    [/there are no rows below the header/, DataError, () => parseCsv('a,b\n')],
    [/separator = ab; one character/, ArgumentError, () => parseCsv('a', { separator: 'ab' })],
    [
      /there is no column c; it has a, b/,
      ArgumentError,
      () => csvColumn(parseCsv('a,b\n1,2'), 'c'),
    ],
    [
      /line 3 has NA in column b; a number is needed/,
      DataError,
      () => csvNumbers(parseCsv('a,b\n1,2\n3,NA'), 'b'),
    ],
    [
      /line 3 has NA in column b.* naValues names what stands/,
      DataError,
      () => csvNumbers(parseCsv('a,b\n1,2\n3,NA'), 'b', { naValues: [''] }),
    ],
    [
      /naValues = NA; a list/,
      ArgumentError,
      () => csvNumbers(parseCsv('a\n1'), 'a', { naValues: 'NA' as never }),
    ],
    [
      /naValues = a list; a list of texts/,
      ArgumentError,
      () => csvNumbers(parseCsv('a\n1'), 'a', { naValues: [NaN] as never }),
    ],
    [
      /line 2 has an empty string in column b/,
      DataError,
      () => csvNumbers(parseCsv('a,b\n1,'), 'b'),
    ],
  ])('%s', refuses);
});

describe('parseConll', () => {
  test('sentences, their columns and lines', () => {
    const text = '-DOCSTART- -X- O\n\nAnn NNP B-PER\nruns VBZ O\r\n\n\n\nParis NNP B-LOC\n';
    expect(parseConll(text)).toEqual([
      {
        columns: [
          ['Ann', 'runs'],
          ['NNP', 'VBZ'],
          ['B-PER', 'O'],
        ],
        line: 3,
      },
      { columns: [['Paris'], ['NNP'], ['B-LOC']], line: 8 },
    ]);
    expect(parseConll('New York\tB-LOC')[0].columns).toEqual([['New York'], ['B-LOC']]);
  });

  test('comments and unnumbered rows of Universal Dependencies are left out, where it is told so', () => {
    const text =
      '# text = vámonos #1\n1-2\tvámonos\t_\n1\tvamos\tVERB\n2\tnos\tPRON\n2.1\tnada\t_\n\n# a = b\n1\t#\tSYM\n';
    const [first, second] = parseConll(text, { conllu: true });
    expect(first).toEqual({
      columns: [
        ['1', '2'],
        ['vamos', 'nos'],
        ['VERB', 'PRON'],
      ],
      line: 3,
    });
    expect(second.columns[1]).toEqual(['#']);
    expect(() => parseConll(text)).toThrow(/line 2 has 3 columns.*\{ conllu: true \}$/);
    // A sharp is a word elsewhere.
    expect(parseConll('# SYM\n1 CD\n')[0].columns[0]).toEqual(['#', '1']);
  });

  test.each<Row>([
    [/line 3 has 1 columns, and the first 2/, DataError, () => parseConll('a O\n\nb\n')],
    [/^parseConll: the text holds no tokens/, DataError, () => parseConll('\n \n')],
    [/^a\.tsv: line 2 has 1 columns/, DataError, () => parseConll('a O\nb\n', { name: 'a.tsv' })],
  ])('%s', refuses);
});

describe('spans', () => {
  test.each<[string, string]>([
    ['O B-A I-A O', 'A 1-3'],
    ['B-A B-A', 'A 0-1, A 1-2'],
    // As conlleval: I- after O, after another type, and at the beginning.
    ['I-A I-A O I-B', 'A 0-2, B 3-4'],
    ['B-A I-B I-B', 'A 0-1, B 1-3'],
    ['O I-A B-A', 'A 1-2, A 2-3'],
    ['O O', ''],
  ])('%s', (tags, spans) => {
    const found = decodeSpans(tags.split(' ')).map((s) => `${s.type} ${s.start}-${s.end}`);
    expect(found.join(', ')).toBe(spans);
  });

  test('encode is the inverse', () => {
    const tag = fc.constantFrom('O', 'B-A', 'I-A', 'B-B', 'I-B');
    fc.assert(
      fc.property(fc.array(tag), (tags) => {
        const spans = decodeSpans(tags);
        const again = encodeSpans(spans, tags.length);
        expect(decodeSpans(again)).toEqual(spans);
        expect(again.map((t) => t === 'O')).toEqual(tags.map((t) => t === 'O'));
      }),
    );
  });

  test.each<Row>([
    [/token 1 has the tag X-A; O, B-TYPE/, DataError, () => decodeSpans(['O', 'X-A'])],
    [
      /span 0 goes from 1 to 3; of 2 tokens/,
      DataError,
      () => encodeSpans([{ type: 'A', start: 1, end: 3 }], 2),
    ],
    [
      /span 1 overlaps another at token 1/,
      DataError,
      () =>
        encodeSpans(
          [
            { type: 'A', start: 0, end: 2 },
            { type: 'B', start: 1, end: 3 },
          ],
          3,
        ),
    ],
  ])('%s', refuses);
});

describe('labels', () => {
  test.each<Row>([
    [
      /row 1 has the label 3; with 3 classes they run from 0 to 2/,
      DataError,
      () => checkLabels([0, 3], 3),
    ],
    [/all labels are 1; two classes/, DataError, () => checkLabels([1, 1, -100], 3, -100)],
    [/there are no labels/, DataError, () => checkLabels([], 3)],
    [/row 0 has the label -100/, DataError, () => checkLabels([-100], 3)],
  ])('%s', refuses);

  test('in range', () => {
    expect(() => checkLabels([0, 1, -100], 2, -100)).not.toThrow();
  });
});

describe('series', () => {
  test('slidingWindows', () => {
    expect(slidingWindows([1, 2, 3, 4], 2)).toEqual([
      { start: 0, input: [1, 2], target: [3] },
      { start: 1, input: [2, 3], target: [4] },
    ]);
    const rows = [
      [1, 10],
      [2, 20],
      [3, 30],
    ];
    expect(slidingWindows(rows, 1, 2)).toEqual([
      { start: 0, input: [rows[0]], target: [rows[1], rows[2]] },
    ]);
    expect(slidingWindows(Float32Array.of(1, 2), 1)[0].target).toEqual([2]);
  });

  test('StandardScaler', () => {
    const scaler = StandardScaler.fit([1, 3, 5, 7]);
    expect(scaler.data).toEqual({ offset: [4], scale: [Math.sqrt(5)] });
    expect(scaler.transform([4, 4 + Math.sqrt(5)])).toEqual([0, 1]);
    // The column that never changes becomes 0.
    const two = StandardScaler.fit([
      [1, 7],
      [3, 7],
    ]);
    expect(two.transform([[1, 7]])).toEqual([[-1, 0]]);
  });

  test('MinMaxScaler', () => {
    const scaler = MinMaxScaler.fit([2, 6, 4], { low: -1, high: 1 });
    expect(scaler.transform([2, 4, 6, 8])).toEqual([-1, 0, 1, 2]);
    expect(MinMaxScaler.fit([3, 3]).transform([3])).toEqual([0]);
  });

  test('inverse, and JSON', () => {
    const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 1 }), (values) => {
        for (const fitted of [StandardScaler.fit(values), MinMaxScaler.fit(values)]) {
          const scaler = Scaler.fromJSON(JSON.parse(JSON.stringify(fitted)));
          const back = scaler.inverse(scaler.transform(values));
          for (const [i, x] of values.entries()) expect(back[i]).toBeCloseTo(x, 6);
        }
      }),
    );
  });

  test.each<Row>([
    [/row 1 is NaN; fill the gap/, DataError, () => slidingWindows([1, NaN], 1)],
    [/row 0 is Infinity in column 1/, DataError, () => StandardScaler.fit([[1, Infinity]])],
    [/row 1 has 1 columns, and row 0 has 2/, DataError, () => StandardScaler.fit([[1, 2], [3]])],
    [/2 rows are fewer than window \+ horizon = 3/, DataError, () => slidingWindows([1, 2], 2)],
    [/values is empty/, DataError, () => MinMaxScaler.fit([])],
    [/window = 0; an integer from 1/, ArgumentError, () => slidingWindows([1, 2], 0)],
    [/high is above low/, ArgumentError, () => MinMaxScaler.fit([1], { low: 2 })],
    [
      /2 columns; it was fitted to 1/,
      ShapeError,
      () => StandardScaler.fit([1]).transform([[1, 2]]),
    ],
    [
      /damaged: .* no scale is 0/,
      CheckpointError,
      () => Scaler.fromJSON({ offset: [1], scale: [0] }),
    ],
    [/damaged: offset and scale are lists/, CheckpointError, () => Scaler.fromJSON(null)],
  ])('%s', refuses);
});

describe('splitExamples and kFold', () => {
  const examples = Array.from({ length: 20 }, (_, i) => i);
  const sorted = (list: number[]) => list.toSorted((a, b) => a - b);

  test('every example in one part, by the seed', () => {
    const parts = splitExamples(examples, [0.9, 0.05, 0.05], 1);
    expect(parts.map(({ length }) => length)).toEqual([18, 1, 1]);
    expect(sorted(parts.flat())).toEqual(examples);
    expect(parts[0]).toEqual(sorted(parts[0]));
    expect(splitExamples(examples, [0.9, 0.05, 0.05], 1)).toEqual(parts);
    expect(splitExamples(examples, [0.9, 0.05, 0.05], 2)).not.toEqual(parts);
  });

  test('every example is tested once', () => {
    const folds = kFold(examples, 3, 5);
    expect(folds.map(({ test }) => test.length).sort()).toEqual([6, 7, 7]);
    expect(sorted(folds.flatMap(({ test }) => test))).toEqual(examples);
    for (const { train, test } of folds) expect(sorted([...train, ...test])).toEqual(examples);
  });

  test.each<Row>([
    [/examples is empty/, DataError, () => splitExamples([], [1], 0)],
    [
      /of 2 examples the fraction 0.1 is none/,
      DataError,
      () => splitExamples([1, 2], [0.9, 0.1], 0),
    ],
    [/add up to 1 are needed/, ArgumentError, () => splitExamples([1, 2], [0.5, 0.6], 0)],
    [/2 examples for 3 folds/, DataError, () => kFold([1, 2], 3, 0)],
    [/folds = 1; an integer from 2/, ArgumentError, () => kFold([1, 2], 1, 0)],
  ])('%s', refuses);
});
