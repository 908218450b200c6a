import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { inspectModel } from '../catalog.js';
import { memorySource } from '../fixtures/memory-source.js';
import { realData } from '../fixtures/real-data.js';
import { parseModelManifest } from '../manifest.js';
import { openOnnxPredictor } from './open-predictor.js';
import { scanOnnx } from './scan.js';

const { manifest } = parseModelManifest({ name: 'mnist', kind: 'onnx', output: 'logits' });
const failsWith = (code: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof EngramError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  return true;
};

// Protobuf by hand: field number, wire type 2 (bytes) or 0 (varint).
const bytesField = (number: number, ...parts: (Uint8Array | string)[]) => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part)));
  assert.ok(body.length < 128 * 128 && number < 16);
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return Buffer.concat([Uint8Array.from([(number << 3) | 2, ...length]), body]);
};
const numberField = (number: number, value: number) => Uint8Array.from([number << 3, value]);

describe('inspecting an ONNX model', () => {
  it('refuses bytes that are not ONNX and files cut short', async (context) => {
    await assert.rejects(
      inspectModel(manifest, memorySource({ 'm.onnx': 'not a model' })),
      failsWith('ENG_FILE_UNREADABLE', /protobuf|ONNX/),
    );
    const folder = realData(context, 'mnist');
    if (folder === undefined) return;
    const whole = readFileSync(`${folder}/mnist.onnx`);
    for (const length of [10, 1000, whole.length - 7])
      await assert.rejects(
        inspectModel(manifest, memorySource({ 'm.onnx': whole.subarray(0, length) })),
        failsWith('ENG_FILE_UNREADABLE', /./),
      );
  });

  it('refuses tensors kept in other files', async () => {
    const tensor = Buffer.concat([
      bytesField(8, 'weights'),
      numberField(2, 1),
      bytesField(13, bytesField(1, 'location'), bytesField(2, '../secret')),
    ]);
    await assert.rejects(
      inspectModel(manifest, memorySource({ 'm.onnx': bytesField(7, bytesField(5, tensor)) })),
      failsWith('ENG_MODEL_UNSAFE', /"weights"/),
    );
  });

  it('refuses operators of a custom domain', async () => {
    const node = Buffer.concat([bytesField(4, 'Evil'), bytesField(7, 'my.domain')]);
    await assert.rejects(
      inspectModel(manifest, memorySource({ 'm.onnx': bytesField(7, bytesField(1, node)) })),
      failsWith('ENG_MODEL_UNSUPPORTED', /Evil.*my\.domain/),
    );
  });

  it('answers any bytes with a scan or one of its own errors', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          scanOnnx(bytes);
        } catch (error) {
          assert.ok(error instanceof EngramError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('counts weights that are not finite', async () => {
    const values = new Uint8Array(Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY).buffer);
    const tensor = Buffer.concat([numberField(1, 3), numberField(2, 1), bytesField(8, 'w'), bytesField(9, values)]);
    await assert.rejects(
      inspectModel(manifest, memorySource({ 'm.onnx': bytesField(7, bytesField(5, tensor)) })),
      failsWith('ENG_VALUES_NOT_FINITE', /^2 .*"w"/),
    );
  });
});

describe('an ONNX classifier', () => {
  it('has the documented accuracy on MNIST, one row at a time, rows without the channel axis', async (context) => {
    const folder = realData(context, 'mnist');
    if (folder === undefined) return;
    const source = memorySource({ 'mnist.onnx': readFileSync(`${folder}/mnist.onnx`) });
    const inspected = await inspectModel(manifest, source);
    assert.deepEqual(inspected.inputs[0]!.shape, [1, 28, 28]);
    assert.equal(inspected.classCount, 10);
    const classifier = await openOnnxPredictor(source, inspected, ort);
    for (const [slice, expected] of [
      ['train', 0.9938],
      ['t10k', 0.983],
    ] as const) {
      const pixels = gunzipSync(readFileSync(`${folder}/${slice}-first5000-images-idx3-ubyte.gz`)).subarray(16);
      const labels = gunzipSync(readFileSync(`${folder}/${slice}-first5000-labels-idx1-ubyte.gz`)).subarray(8);
      const { data } = await classifier.outputs({ data: Float32Array.from(pixels), shape: [5000, 28, 28] });
      const correct = labels.reduce((sum, label, row) => {
        const logits = data.subarray(row * 10, row * 10 + 10);
        return sum + Number(logits.indexOf(Math.max(...logits)) === label);
      }, 0);
      assert.equal(correct / 5000, expected);
    }
    await assert.rejects(
      classifier.outputs({ data: new Float32Array(27 * 28), shape: [1, 27, 28] }),
      failsWith('ENG_DATA_MODEL_MISMATCH', /27,28.*1,28,28/),
    );
    await classifier.dispose();
  });

  /** A graph x -> h = x A -> z = h B with both outputs. */
  function twoLayers(outputs: 'both' | 'classes' | 'one' = 'both') {
    const kernel = (name: string, rows: number, columns: number, values: number[]) =>
      Buffer.concat([
        numberField(1, rows),
        numberField(1, columns),
        numberField(2, 1),
        bytesField(8, name),
        bytesField(9, new Uint8Array(Float32Array.from(values).buffer)),
      ]);
    const product = (x: string, weights: string, output: string) =>
      Buffer.concat([bytesField(1, x), bytesField(1, weights), bytesField(2, output), bytesField(4, 'MatMul')]);
    const rows = (name: string, width: number) => {
      const shape = Buffer.concat([bytesField(1, bytesField(2, 'n')), bytesField(1, numberField(1, width))]);
      return Buffer.concat([
        bytesField(1, name),
        bytesField(2, bytesField(1, numberField(1, 1), bytesField(2, shape))),
      ]);
    };
    // Of one class, it sums what the layer reads.
    const [classes, values] = outputs === 'one' ? [1, [1, 1, 1]] : [2, [1, 0, 0, 1, 1, 1]];
    const graph = [
      bytesField(1, product('x', 'A', 'h')),
      bytesField(1, product('h', 'B', 'z')),
      bytesField(2, 'graph'),
      bytesField(5, kernel('A', 2, 3, [1, 0, 2, 0, 1, 3])),
      bytesField(5, kernel('B', 3, classes, values)),
      bytesField(11, rows('x', 2)),
      bytesField(12, rows('z', classes)),
      ...(outputs !== 'classes' ? [bytesField(12, rows('h', 3))] : []),
    ];
    return memorySource({
      'm.onnx': Buffer.concat([numberField(1, 8), bytesField(7, ...graph), bytesField(8, numberField(2, 13))]),
    });
  }
  /** A graph x -> y, y the sum over each row, with or without an axis of length 1. */
  function rowSums(keepdims: number) {
    const axis = (field: Uint8Array) => bytesField(1, field);
    const rows = (name: string, ...axes: Uint8Array[]) =>
      Buffer.concat([
        bytesField(1, name),
        bytesField(2, bytesField(1, numberField(1, 1), bytesField(2, ...axes.map(axis)))),
      ]);
    const attribute = (name: string, type: number, value: Uint8Array) =>
      bytesField(5, bytesField(1, name), value, Uint8Array.of(((20 << 3) & 127) | 128, 1, type));
    const node = Buffer.concat([
      bytesField(1, 'x'),
      bytesField(2, 'y'),
      bytesField(4, 'ReduceSum'),
      attribute('axes', 7, numberField(8, 1)),
      attribute('keepdims', 2, numberField(3, keepdims)),
    ]);
    const n = bytesField(2, 'n');
    const graph = [
      bytesField(1, node),
      bytesField(2, 'graph'),
      bytesField(11, rows('x', n, numberField(1, 2))),
      bytesField(12, keepdims === 1 ? rows('y', n, numberField(1, 1)) : rows('y', n)),
    ];
    return memorySource({
      'm.onnx': Buffer.concat([numberField(1, 7), bytesField(7, ...graph), bytesField(8, numberField(2, 12))]),
    });
  }
  const manifestOf = (features?: string) =>
    parseModelManifest({ name: 'two', kind: 'onnx', output: 'logits', ...(features === undefined ? {} : { features }) })
      .manifest;

  it('gives what its last layer reads when the manifest names that output', async () => {
    const source = twoLayers();
    const inspected = await inspectModel(manifestOf('h'), source);
    assert.deepEqual(inspected.lastLayer, { width: 3, head: 'softmax', bias: true, featuresOutput: 'h' });
    assert.ok(inspected.abilities.includes('features'));
    const classifier = await openOnnxPredictor(source, inspected, ort);
    const x = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
    const { features, outputs } = await classifier.lastLayer!(x);
    assert.deepEqual(
      [features.shape, [...features.data]],
      [
        [2, 3],
        [1, 2, 8, 3, 4, 18],
      ],
    );
    assert.deepEqual(
      [outputs.shape, [...outputs.data]],
      [
        [2, 2],
        [9, 10, 21, 22],
      ],
    );
    assert.deepEqual(await classifier.outputs(x), outputs);
    await classifier.dispose();
  });

  it('is a regression when the manifest says so: one number a sample, of shape [batch, 1] or [batch]', async () => {
    const { manifest: told } = parseModelManifest({ name: 'sums', kind: 'onnx', task: 'regression' });
    for (const keepdims of [0, 1]) {
      const source = rowSums(keepdims);
      const inspected = await inspectModel(told, source);
      assert.deepEqual(inspected.output, { shape: [1], meaning: 'prediction' });
      assert.deepEqual(inspected.abilities, ['predictions']);
      const regression = await openOnnxPredictor(source, inspected, ort);
      const { data, shape } = await regression.outputs({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
      assert.deepEqual(
        [shape, [...data]],
        [
          [2, 1],
          [3, 7],
        ],
      );
      await regression.dispose();
    }
    const { manifest: named } = parseModelManifest({ name: 'sums', kind: 'onnx', task: 'regression', features: 'h' });
    const inspected = await inspectModel(named, twoLayers('one'));
    assert.deepEqual(inspected.lastLayer, { width: 3, head: 'linear', bias: true, featuresOutput: 'h' });
    assert.deepEqual(inspected.abilities, ['predictions', 'features']);
    const two = await openOnnxPredictor(twoLayers('one'), inspected, ort);
    const { features, outputs } = await two.lastLayer!({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
    assert.deepEqual([...features.data, ...outputs.data], [1, 2, 8, 3, 4, 18, 11, 25]);
    await two.dispose();
    await assert.rejects(
      inspectModel(told, twoLayers('classes')),
      failsWith('ENG_MODEL_UNSUPPORTED', /"z".*n,2.*one float32 per sample/),
    );
  });

  /** A graph x -> y, y the index of the largest value of each row, as int64 or cast to int32, with or without an axis of length 1. */
  function argmax(keepdims: number, type: 6 | 7) {
    const axes = (...each: Uint8Array[]) => bytesField(2, ...each.map((axis) => bytesField(1, axis)));
    const rows = (name: string, element: number, ...each: Uint8Array[]) =>
      Buffer.concat([bytesField(1, name), bytesField(2, bytesField(1, numberField(1, element), axes(...each)))]);
    const integer = (name: string, value: number) =>
      bytesField(5, bytesField(1, name), numberField(3, value), Uint8Array.of(((20 << 3) & 127) | 128, 1, 2));
    const node = (input: string, output: string, operator: string, ...attributes: Uint8Array[]) =>
      bytesField(1, bytesField(1, input), bytesField(2, output), bytesField(4, operator), ...attributes);
    const n = bytesField(2, 'n');
    const graph = [
      node('x', type === 7 ? 'y' : 'wide', 'ArgMax', integer('axis', 1), integer('keepdims', keepdims)),
      ...(type === 7 ? [] : [node('wide', 'y', 'Cast', integer('to', 6))]),
      bytesField(2, 'graph'),
      bytesField(11, rows('x', 1, n, numberField(1, 3))),
      bytesField(12, keepdims === 1 ? rows('y', type, n, numberField(1, 1)) : rows('y', type, n)),
    ];
    return memorySource({
      'm.onnx': Buffer.concat([numberField(1, 7), bytesField(7, ...graph), bytesField(8, numberField(2, 12))]),
    });
  }

  const labelsOf = async (source: ReturnType<typeof argmax>, more: object, inputs: Float32Array) => {
    const { manifest: told } = parseModelManifest({ name: 'labels', kind: 'onnx', ...more });
    const inspected = await inspectModel(told, source);
    assert.deepEqual(inspected.output, { shape: [1], meaning: 'labels' });
    assert.deepEqual(inspected.abilities, ['labels']);
    const classifier = await openOnnxPredictor(source, inspected, ort);
    assert.equal(classifier.lastLayer, undefined);
    const { data, shape } = await classifier.outputs({ data: inputs, shape: [2, inputs.length / 2] });
    await classifier.dispose();
    assert.deepEqual(shape, [2, 1]);
    return { labels: [...data], classCount: inspected.classCount };
  };

  it('tells labels when it gives class indices, int64 or int32, of shape [batch] or [batch, 1]', async () => {
    const rows = Float32Array.of(3, 5, 4, 0, 1, 9);
    for (const keepdims of [0, 1])
      for (const type of [6, 7] as const)
        for (const more of [{}, { output: 'labels' }])
          assert.deepEqual(await labelsOf(argmax(keepdims, type), more, rows), {
            labels: [1, 2],
            classCount: undefined,
          });
    for (const [more, pointer] of [
      [{ output: 'logits' }, '/output'],
      [{ features: 'h' }, '/features'],
    ] as const) {
      const { manifest: told } = parseModelManifest({ name: 'labels', kind: 'onnx', ...more });
      await assert.rejects(inspectModel(told, argmax(0, 7)), (error) => {
        assert.ok(error instanceof EngramError && error.code === 'ENG_MANIFEST_INVALID', String(error));
        return error.faults?.[0]?.pointer === pointer;
      });
    }
  });

  it('tells no more than labels when the manifest says so, whatever the model computes', async () => {
    // x = (1, 2) and (3, -1): z = x A B = (9, 10) and (6, 2).
    const source = twoLayers('classes');
    const told = await labelsOf(source, { output: 'labels' }, Float32Array.of(1, 2, 3, -1));
    assert.deepEqual(told, { labels: [1, 0], classCount: 2 });
  });

  it('refuses a second output nobody named, and names that are none of its outputs', async () => {
    await assert.rejects(
      inspectModel(manifestOf(), twoLayers()),
      failsWith('ENG_MODEL_UNSUPPORTED', /2 outputs \(z, h\)/),
    );
    await assert.rejects(
      inspectModel(manifestOf('h'), twoLayers('classes')),
      failsWith('ENG_MANIFEST_INVALID', /"h" as features, the model gives z/),
    );
    assert.throws(
      () => parseModelManifest({ name: 'a', kind: 'tfjs-layers', features: 'h' }),
      (error) => {
        assert.ok(error instanceof EngramError && error.faults?.[0]?.pointer === '/features');
        return error.code === 'ENG_MANIFEST_INVALID';
      },
    );
  });
});
