import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CheckpointError } from '../../src/errors';
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafeDType,
  type SafeTensor,
} from '../../src/io/safetensors';

/** A file put together by hand, so that the reader is not tested against its own writer. */
function fileOf(
  header: string | Uint8Array,
  data: ArrayLike<number> = [],
  length?: bigint,
): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  return Uint8Array.from([...prefix, ...json, ...Array.from(data)]);
}

const bytesOf = (array: SafeTensor['data'] | BigInt64Array | Uint16Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

type Header = Record<string, { dtype: string; data_offsets: [number, number] }>;

/** The header and the data of a file, read without the module under test. */
function parse(file: Uint8Array): { headerBytes: number; header: Header; data: Uint8Array } {
  const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
  const json = new TextDecoder().decode(file.subarray(8, 8 + headerBytes));
  return { headerBytes, header: JSON.parse(json) as Header, data: file.subarray(8 + headerBytes) };
}

function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointError);
    return (error as CheckpointError).message;
  }
  throw new Error('expected a CheckpointError, and nothing was thrown');
}

const tensor = {
  F32: fc.float32Array({ maxLength: 12 }),
  F64: fc.float64Array({ maxLength: 12 }),
  I32: fc.int32Array({ maxLength: 12 }),
  U32: fc.uint32Array({ maxLength: 12 }),
} satisfies Record<SafeDType, unknown>;

const anyTensor: fc.Arbitrary<SafeTensor> = fc
  .constantFrom<SafeDType>('F32', 'F64', 'I32', 'U32')
  .chain((dtype) =>
    tensor[dtype].chain((data) =>
      fc
        .constantFrom([data.length], [1, data.length], [data.length, 1, 1])
        .map((shape) => ({ dtype, shape, data }) as SafeTensor),
    ),
  );

/** Names that objects treat specially, beside ordinary ones. */
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '10', '9', '', '"\\', 'a.b\n'),
);

const anyTensors = fc
  .array(fc.tuple(anyName, anyTensor), { maxLength: 6 })
  .map((entries) => new Map(entries));

describe('round trip', () => {
  test('any tensors and metadata, to the bit', () => {
    const anyMetadata = fc
      .array(fc.tuple(anyName, fc.string({ unit: 'binary' })), { maxLength: 3 })
      .map((entries) => Object.fromEntries(entries));
    fc.assert(
      fc.property(anyTensors, anyMetadata, (tensors, metadata) => {
        const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata));
        expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect([...decoded.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
        for (const [name, { dtype, shape, data }] of tensors) {
          const back = decoded.tensors.get(name)!;
          expect(back.dtype).toBe(dtype);
          expect(back.shape).toEqual(shape);
          expect(back.data.constructor).toBe(data.constructor);
          expect(bytesOf(back.data)).toEqual(bytesOf(data));
        }
      }),
    );
  });

  test('a record, views into larger buffers, NaN payloads and a Node Buffer', () => {
    const bits = Uint32Array.of(9, 0x7fc00123, 0x80000000, 9);
    const view = new Float32Array(bits.buffer, 4, 2);
    const file = encodeSafetensors({ w: { dtype: 'F32', shape: [2], data: view } });
    const pooled = Buffer.concat([Buffer.of(1, 2, 3), file]).subarray(3);
    const { data } = decodeSafetensors(pooled).tensors.get('w')!;
    pooled.fill(0);
    expect([...new Uint32Array(data.buffer)]).toEqual([0x7fc00123, 0x80000000]);
  });

  test('no tensors at all', () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors({}));
    expect(tensors.size).toBe(0);
    expect(Object.keys(metadata)).toEqual([]);
    expect(Object.getPrototypeOf(metadata)).toBeNull();
  });

  test('a tensor and a metadata key called __proto__ touch no prototype', () => {
    const file = encodeSafetensors(
      new Map([['__proto__', { dtype: 'I32', shape: [1], data: Int32Array.of(5) } as const]]),
      Object.fromEntries([['__proto__', 'x']]),
    );
    const { tensors, metadata } = decodeSafetensors(file);
    expect(tensors.get('__proto__')!.data[0]).toBe(5);
    expect(Object.entries(metadata)).toEqual([['__proto__', 'x']]);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });
});

describe('what is written', () => {
  test('is the format, byte for byte', () => {
    const file = encodeSafetensors(
      { b: { dtype: 'F32', shape: [1, 2], data: Float32Array.of(1, -2) } },
      { step: '3' },
    );
    const json =
      '{"__metadata__":{"step":"3"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
    const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
    expect(file).toEqual(fileOf(padded, [0, 0, 128, 63, 0, 0, 0, 192]));
  });

  test('is aligned, whatever the names and sizes', () => {
    fc.assert(
      fc.property(anyTensors, (tensors) => {
        const { headerBytes, header, data } = parse(encodeSafetensors(tensors));
        expect(headerBytes % 8).toBe(0);
        for (const { dtype, data_offsets: offsets } of Object.values(header)) {
          expect(offsets[0] % (dtype === 'F64' ? 8 : 4)).toBe(0);
        }
        expect(data.length).toBe(
          [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0),
        );
      }),
    );
  });

  test('does not depend on the order of insertion', () => {
    const one: SafeTensor = { dtype: 'F32', shape: [1], data: Float32Array.of(1) };
    const two: SafeTensor = { dtype: 'F64', shape: [], data: Float64Array.of(2) };
    const file = encodeSafetensors({ a: one, b: two, c: one });
    expect(file).toEqual(encodeSafetensors({ c: one, b: two, a: one }));
    expect([...decodeSafetensors(file).tensors.keys()]).toEqual(['b', 'a', 'c']);
  });

  const data = Float32Array.of(1, 2);
  test.each<[string, Map<string, unknown>, RegExp]>([
    ['shape', new Map([['w', { dtype: 'F32', shape: [3], data }]]), /"w": shape \[3\]/],
    ['negative', new Map([['w', { dtype: 'F32', shape: [-1, -2], data }]]), /"w": shape/],
    ['overflow', new Map([['w', { dtype: 'F32', shape: [2 ** 40, 2 ** 40], data }]]), /"w"/],
    ['array', new Map([['w', { dtype: 'F64', shape: [2], data }]]), /F64.*do not agree/],
    ['dtype', new Map([['w', { dtype: 'BOOL', shape: [2], data }]]), /BOOL/],
    ['prototype', new Map([['w', { dtype: 'toString', shape: [2], data }]]), /toString/],
    ['reserved', new Map([['__metadata__', { dtype: 'F32', shape: [2], data }]]), /reserved/],
    ['surrogate', new Map([['\ud800', { dtype: 'F32', shape: [2], data }]]), /surrogate/],
  ])('a tensor that cannot be stored is refused: %s', (_, tensors, message) => {
    expect(refusal(() => encodeSafetensors(tensors as Map<string, SafeTensor>))).toMatch(message);
  });

  test('metadata that cannot be stored is refused', () => {
    const number = { step: 3 } as unknown as Record<string, string>;
    expect(refusal(() => encodeSafetensors({}, number))).toMatch(/"step" is not a string/);
    expect(refusal(() => encodeSafetensors({}, { text: '\udc00' }))).toMatch(/surrogate/);
  });

  test('a header over 100 MB is refused', () => {
    const text = 'x'.repeat(100_000_000);
    expect(refusal(() => encodeSafetensors({}, { text }))).toMatch(/limit of 100000000/);
  });
});

describe('files of PyTorch', () => {
  /** One tensor `w` of the given dtype, at an odd offset behind a tensor of half precision. */
  const read = (dtype: string, shape: number[], data: Uint8Array): SafeTensor => {
    const header = {
      __metadata__: { format: 'pt' },
      h: { dtype: 'F16', shape: [1], data_offsets: [0, 2] },
      w: { dtype, shape, data_offsets: [2, 2 + data.length] },
    };
    return decodeSafetensors(fileOf(JSON.stringify(header), [0, 0x3c, ...data])).tensors.get('w')!;
  };

  test('F16: zeros, subnormals, ones, the largest, infinities, NaN', () => {
    const halves = Uint16Array.of(
      0x0000,
      0x8000,
      0x0001,
      0x83ff,
      0x0400,
      0x3c00,
      0xc000,
      0x3555,
      0x7bff,
      0x7c00,
      0xfc00,
      0x7e00,
    );
    const { dtype, data } = read('F16', [3, 4], bytesOf(halves));
    expect(dtype).toBe('F32');
    // python3 -c "import struct; print(struct.unpack('<12e', struct.pack('<12H', 0, 0x8000, ...)))"
    expect([...data]).toEqual([
      0,
      -0,
      5.960464477539063e-8,
      -6.097555160522461e-5,
      6.103515625e-5,
      1,
      -2,
      0.333251953125,
      65504,
      Infinity,
      -Infinity,
      NaN,
    ]);
  });

  test('BF16 is the upper half of F32', () => {
    const { dtype, data } = read(
      'BF16',
      [5],
      bytesOf(Uint16Array.of(0x3f80, 0xc049, 0x8000, 0xff80, 1)),
    );
    expect(dtype).toBe('F32');
    expect([...data]).toEqual([1, -3.140625, -0, -Infinity, 2 ** -133]);
  });

  test('I64 becomes I32 where it fits, and is refused where it does not', () => {
    const limits = BigInt64Array.of(-(2n ** 31n), -1n, 0n, 2n ** 31n - 1n);
    expect(read('I64', [4], bytesOf(limits))).toEqual({
      dtype: 'I32',
      shape: [4],
      data: Int32Array.of(-(2 ** 31), -1, 0, 2 ** 31 - 1),
    });
    for (const large of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 32n]) {
      const message = refusal(() => read('I64', [2], bytesOf(BigInt64Array.of(0n, large))));
      expect(message).toMatch(/"w": .* at element 1 /);
    }
  });

  test('an unaligned F64 and a scalar', () => {
    expect([...read('F64', [2], bytesOf(Float64Array.of(0.1, -1e300))).data]).toEqual([
      0.1, -1e300,
    ]);
    expect(read('F32', [], bytesOf(Float32Array.of(7)))).toEqual({
      dtype: 'F32',
      shape: [],
      data: Float32Array.of(7),
    });
  });
});

describe('damaged and hostile files', () => {
  const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32'): string =>
    JSON.stringify({ dtype, shape, data_offsets: [begin, end] });
  const eight = new Uint8Array(8);

  test('the fixture is valid before it is damaged', () => {
    expect(
      decodeSafetensors(fileOf(`{"a":${entry(0, 4)},"b":${entry(4, 8)}}`, eight)).tensors.size,
    ).toBe(2);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /cut off: 0 bytes/],
    ['7 bytes', new Uint8Array(7), /cut off: 7 bytes/],
    ['header 2^63', fileOf('{}', [], 2n ** 63n), /9223372036854775808 bytes/],
    ['header 2^64 - 1', fileOf('{}', [], 2n ** 64n - 1n), /18446744073709551615 bytes/],
    ['header over 100 MB', fileOf('{}', [], 100_000_001n), /over the limit/],
    ['header past the end', fileOf('{}', [], 3n), /cut off: its header takes 3 bytes, and 2/],
    ['header of nothing', fileOf(''), /not JSON/],
    ['not JSON', fileOf('{"a":'), /not JSON/],
    ['deep nesting', fileOf('['.repeat(200_000)), /not JSON/],
    ['not UTF-8', fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)), /not JSON/],
    ['BOM', fileOf('\ufeff{}'), /not JSON/],
    ['leading space', fileOf(' {}'), /not a JSON object/],
    ['list', fileOf('[]'), /not a JSON object/],
    ['null', fileOf('null'), /not a JSON object/],
    ['duplicate', fileOf(`{"a":${entry(0, 8)},"a":${entry(0, 8)}}`, eight), /gives "a" twice/],
    ['escaped duplicate', fileOf(`{"a":${entry(0, 8)},"\\u0061" :${entry(0, 8)}}`, eight), /twice/],
    ['duplicate __proto__', fileOf('{"__proto__":1,"__proto__":2}'), /gives "__proto__" twice/],
    ['duplicate dtype', fileOf('{"a":{"dtype":"F32","dtype":"I32"}}'), /gives "dtype" twice/],
    ['duplicate metadata', fileOf('{"__metadata__":{"k":"1","k":"2"}}'), /gives "k" twice/],
    ['metadata list', fileOf('{"__metadata__":[]}'), /__metadata__ is not an object/],
    ['metadata number', fileOf('{"__metadata__":{"k":1}}'), /metadata "k" is not a string/],
    ['entry null', fileOf('{"a":null}'), /tensor "a": its entry/],
    ['__proto__ entry', fileOf('{"__proto__":{}}'), /tensor "__proto__": cannot read dtype/],
    ['unknown dtype', fileOf(`{"a":${entry(0, 8, [8], 'F8_E4M3')}}`, eight), /"a".*F8_E4M3/],
    ['inherited dtype', fileOf(`{"a":${entry(0, 8, [8], 'toString')}}`, eight), /dtype toString/],
    ['deep dtype', fileOf(`{"a":{"dtype":${'['.repeat(9e4)}${']'.repeat(9e4)}}}`), /dtype object/],
    ['no shape', fileOf('{"a":{"dtype":"F32","data_offsets":[0,8]}}', eight), /"a": shape/],
    ['negative shape', fileOf(`{"a":${entry(0, 8, [-1, -2])}}`, eight), /"a": shape/],
    ['fractional shape', fileOf(`{"a":${entry(0, 8, [0.5, 4])}}`, eight), /"a": shape/],
    ['huge dimension', fileOf(`{"a":${entry(0, 8, [1e300])}}`, eight), /"a": shape/],
    ['product over 2^53', fileOf(`{"a":${entry(0, 8, [2 ** 27, 2 ** 27])}}`, eight), /over 2\^53/],
    ['product hidden by 0', fileOf(`{"a":${entry(0, 0, [2 ** 52, 2 ** 52, 0])}}`), /over 2\^53/],
    // 2^62 elements of 4 bytes are 0 bytes in 64-bit arithmetic that wraps.
    ['wrap to 0', fileOf(`{"a":${entry(0, 0, [2 ** 31, 2 ** 31])}}`), /over 2\^53/],
    ['reversed', fileOf(`{"a":${entry(8, 0, [2])}}`, eight), /begin <= end/],
    ['negative offset', fileOf(`{"a":${entry(-8, 0, [2])}}`, eight), /begin <= end/],
    [
      'three offsets',
      fileOf('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}', eight),
      /a/,
    ],
    ['wrong size', fileOf(`{"a":${entry(0, 8, [3])}}`, eight), /takes 12 bytes.*give 8/],
    ['overlap', fileOf(`{"a":${entry(0, 8)},"b":${entry(4, 8)}}`, eight), /"b".*overlaps/],
    ['same bytes', fileOf(`{"a":${entry(0, 8)},"b":${entry(0, 8)}}`, eight), /"b".*overlaps/],
    ['empty inside', fileOf(`{"a":${entry(0, 8)},"b":${entry(4, 4)}}`, eight), /"b".*overlaps/],
    ['hole', fileOf(`{"a":${entry(4, 8)}}`, eight), /"a".*hole/],
    [
      'hole between',
      fileOf(`{"b":${entry(8, 12)},"a":${entry(0, 4)}}`, new Uint8Array(12)),
      /"b".*hole/,
    ],
    ['cut-off data', fileOf(`{"a":${entry(0, 12)}}`, eight), /cut off: .* 12 bytes of data, got 8/],
    ['extra data', fileOf(`{"a":${entry(0, 4)}}`, eight), /belong to no tensor/],
    ['data of nobody', fileOf('{}', [1]), /belong to no tensor/],
  ])('%s', (_, bytes, message) => {
    const text = refusal(() => decodeSafetensors(bytes, 'model.safetensors'));
    expect(text).toMatch(message);
    expect(text).toContain('model.safetensors');
  });

  test('a repeated word that is no key is allowed', () => {
    const header =
      '{"__metadata__":{"a":"a","b":"a\\":"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(decodeSafetensors(fileOf(header, eight)).metadata).toMatchObject({ a: 'a', b: 'a":' });
  });

  const sample = encodeSafetensors(
    {
      weight: { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      bias: { dtype: 'F64', shape: [2], data: Float64Array.of(0.5, 0.25) },
      ids: { dtype: 'I32', shape: [3], data: Int32Array.of(1, 2, 3) },
    },
    { step: '7' },
  );

  test('every prefix is refused', () => {
    for (let end = 0; end < sample.length; end++) {
      refusal(() => decodeSafetensors(sample.subarray(0, end)));
    }
  });

  test('any mutation is read or refused, never anything else', () => {
    const headerEnd = 8 + parse(sample).headerBytes;
    const mutation = fc.record({
      at: fc.oneof(
        fc.nat({ max: 7 }),
        fc.nat({ max: headerEnd - 1 }),
        fc.nat({ max: sample.length - 1 }),
      ),
      value: fc.oneof(
        fc.nat({ max: 255 }),
        fc.constantFrom(...new TextEncoder().encode('0123456789"\\{}[]:,-.eF ')),
      ),
    });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const bytes = sample.slice();
        for (const { at, value } of mutations) bytes[at] = value;
        try {
          const { tensors } = decodeSafetensors(bytes);
          const read = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
          expect(read).toBeLessThanOrEqual(2 * bytes.length);
        } catch (error) {
          if (!(error instanceof CheckpointError)) throw error;
          refused++;
        }
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });

  test('any bytes behind a plausible length are read or refused', () => {
    fc.assert(
      fc.property(fc.json(), fc.uint8Array({ maxLength: 16 }), (json, data) => {
        try {
          decodeSafetensors(fileOf(json, data));
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
    );
  });
});
