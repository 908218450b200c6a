import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import { inspectModel } from '../catalog.js';
import { sourceOfFolder } from '../fixtures/folder-source.js';
import { layer, layersModel, layersModelFiles, sequential } from '../fixtures/layers-model.js';
import { memorySource } from '../fixtures/memory-source.js';
import { realData } from '../fixtures/real-data.js';
import { parseModelManifest } from '../manifest.js';

const { manifest } = parseModelManifest({ name: 'digits', kind: 'tfjs-layers' });
const small = sequential(
  [4],
  layer('Dense', { units: 8, activation: 'relu' }),
  layer('Dense', { units: 3, activation: 'softmax' }),
);
const failsWith = (code: string, pattern: RegExp) => (error: unknown) =>
  error instanceof EngramError && error.code === code && pattern.test(error.message) && (error.remedy ?? '').length > 0;

describe('inspecting a TensorFlow.js layers model', () => {
  it('reports shapes, classes, parameters and abilities, and reads softmax models through their logits', async () => {
    const inspected = await inspectModel(manifest, layersModel(small));
    assert.deepEqual(inspected.inputs, [{ name: 'input', shape: [4], dtype: 'float32' }]);
    assert.deepEqual(inspected.output, { shape: [3], meaning: 'logits' });
    assert.equal(inspected.classCount, 3);
    assert.equal(inspected.parameterCount, 4 * 8 + 8 + 8 * 3 + 3);
    assert.ok(inspected.abilities.includes('train'));
    assert.ok(inspected.abilities.includes('features'));
    assert.deepEqual(inspected.lastLayer, { width: 8, head: 'softmax', bias: true });
    assert.match(inspected.digest, /^[0-9a-f]{64}$/);
  });

  it('keeps of a model that may tell labels alone its architecture, and nothing of its answers or weights', async () => {
    const told = parseModelManifest({ name: 'digits', kind: 'tfjs-layers', output: 'labels' });
    const inspected = await inspectModel(told.manifest, layersModel(small));
    assert.deepEqual(inspected.output, { shape: [1], meaning: 'labels' });
    assert.equal(inspected.classCount, 3);
    assert.deepEqual(inspected.abilities, ['labels', 'train']);
    assert.equal(inspected.lastLayer, undefined);
    const training = { checkpoints: [{ step: 0, file: 'step-0.bin' }] };
    for (const more of [
      { kind: 'tfjs-layers', training },
      { kind: 'onnx', features: 'h' },
    ])
      assert.throws(
        () => parseModelManifest({ name: 'digits', output: 'labels', ...more }),
        (error) =>
          error instanceof EngramError && /tells more of the model than labels/.test(error.faults?.[0]?.message ?? ''),
      );
  });

  it('reads functional models whatever the order their layers are listed in', async () => {
    const topology = {
      class_name: 'Model',
      config: {
        layers: [
          layer('Add', { name: 'sum' }, ['left', 'right']),
          layer('Dense', { name: 'left', units: 5 }, ['in']),
          {
            class_name: 'InputLayer',
            name: 'in',
            config: { name: 'in', batch_input_shape: [null, 2] },
            inbound_nodes: [],
          },
          layer('Dense', { name: 'right', units: 5 }, ['in']),
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [['sum', 0, 0]],
      },
    };
    const inspected = await inspectModel(manifest, layersModel(topology));
    assert.equal(inspected.classCount, 5);
    assert.equal(inspected.parameterCount, 2 * (2 * 5 + 5));
  });

  it('reads functional models as Keras 3 writes them', async () => {
    const from = (name: string) => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 4], dtype: 'float32', keras_history: [name, 0, 0] },
    });
    const dense = (name: string, args: object[]) => ({
      module: 'keras.layers',
      class_name: 'Dense',
      registered_name: null,
      name,
      config: {
        name,
        units: 3,
        activation: 'softmax',
        kernel_initializer: { module: 'keras.initializers', class_name: 'GlorotUniform', config: { seed: null } },
      },
      inbound_nodes: [{ args, kwargs: {} }],
    });
    const topology = {
      class_name: 'Functional',
      config: {
        layers: [
          { class_name: 'InputLayer', name: 'in', config: { name: 'in', batch_shape: [null, 4] }, inbound_nodes: [] },
          {
            ...layer('Add', { name: 'sum' }),
            name: 'sum',
            inbound_nodes: [{ args: [[from('in'), from('in')]], kwargs: {} }],
          },
          dense('out', [from('sum')]),
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [['out', 0, 0]],
      },
    };
    const inspected = await inspectModel(manifest, layersModel({ model_config: topology }));
    assert.equal(inspected.parameterCount, 4 * 3 + 3);
  });

  it('finds weights under the scopes converters put around layer names', async () => {
    const files = layersModelFiles(small);
    const json = files['model.json'] as { weightsManifest: { weights: { name: string }[] }[] };
    for (const weight of json.weightsManifest[0]!.weights) weight.name = `sequential_1/${weight.name}`;
    assert.equal((await inspectModel(manifest, memorySource(files))).parameterCount, 67);
    json.weightsManifest[0]!.weights[0]!.name = 'elsewhere/kernel';
    await assert.rejects(
      inspectModel(manifest, memorySource(files)),
      failsWith('ENG_FILE_UNREADABLE', /"dense_0\/kernel" is missing/),
    );
  });

  it('reads one sigmoid unit as two classes', async () => {
    const inspected = await inspectModel(
      manifest,
      layersModel(sequential([4], layer('Dense', { units: 1, activation: 'sigmoid' }))),
    );
    assert.equal(inspected.classCount, 2);
  });

  it('names truncated weights with both byte counts', async () => {
    const files = layersModelFiles(small);
    const whole = files['weights.bin'] as Uint8Array;
    const cut = { ...files, 'weights.bin': whole.slice(0, -5) };
    await assert.rejects(inspectModel(manifest, memorySource(cut)), (error: unknown) => {
      assert.ok(failsWith('ENG_FILE_TRUNCATED', new RegExp(`${whole.length - 5}.*${whole.length}`))(error));
      return true;
    });
  });

  it('counts weights that are not finite and names the first tensor', async () => {
    const files = layersModelFiles(small);
    const bytes = Uint8Array.from(files['weights.bin'] as Uint8Array);
    const view = new DataView(bytes.buffer);
    view.setFloat32(4 * 33, Number.NaN, true);
    view.setFloat32(4 * 50, Number.POSITIVE_INFINITY, true);
    await assert.rejects(
      inspectModel(manifest, memorySource({ ...files, 'weights.bin': bytes })),
      failsWith('ENG_VALUES_NOT_FINITE', /^2 .*"dense_0\/bias"/),
    );
  });

  it('refuses Lambda layers as unsafe and unknown layers by name', async () => {
    const withLayer = (className: string) =>
      memorySource({
        'model.json': { modelTopology: sequential([4], layer(className, { name: 'odd' })), weightsManifest: [] },
      });
    await assert.rejects(
      inspectModel(manifest, withLayer('Lambda')),
      failsWith('ENG_MODEL_UNSAFE', /"odd" \(Lambda\)/),
    );
    await assert.rejects(
      inspectModel(manifest, withLayer('MyAttention')),
      failsWith('ENG_MODEL_UNSUPPORTED', /"odd" \(MyAttention\).*supported are Dense/),
    );
  });

  it('refuses settings that are not computed, naming layer and setting', async () => {
    const channelsFirst = sequential(
      [3, 8, 8],
      layer('Conv2D', { name: 'conv', filters: 2, kernel_size: 3, data_format: 'channels_first' }),
    );
    await assert.rejects(
      inspectModel(manifest, memorySource({ 'model.json': { modelTopology: channelsFirst, weightsManifest: [] } })),
      failsWith('ENG_MODEL_UNSUPPORTED', /"conv".*data_format/),
    );
  });

  it('refuses a manifest that contradicts the last layer', async () => {
    const { manifest: wrong } = parseModelManifest({ name: 'digits', kind: 'tfjs-layers', output: 'logits' });
    await assert.rejects(inspectModel(wrong, layersModel(small)), failsWith('ENG_MANIFEST_INVALID', /logits.*softmax/));
  });

  it('refuses files that are not JSON, not a model, or miss their weights', async () => {
    await assert.rejects(
      inspectModel(manifest, memorySource({ 'model.json': '{"modelTopology": {' })),
      failsWith('ENG_FILE_UNREADABLE', /not JSON/),
    );
    await assert.rejects(
      inspectModel(manifest, memorySource({ 'model.json': { weightsManifest: [] } })),
      failsWith('ENG_FILE_UNREADABLE', /topology/),
    );
    const { 'weights.bin': _weights, ...rest } = layersModelFiles(small);
    await assert.rejects(inspectModel(manifest, memorySource(rest)), failsWith('ENG_FILE_UNREADABLE', /weights\.bin/));
  });

  it('checks the sizes of recorded checkpoints and reports their steps', async () => {
    const files = layersModelFiles(small);
    const { manifest: recorded } = parseModelManifest({
      name: 'digits',
      kind: 'tfjs-layers',
      training: {
        checkpoints: [
          { step: 0, file: 'step-0.bin' },
          { step: 100, file: 'step-100.bin' },
        ],
      },
    });
    const weights = files['weights.bin'] as Uint8Array;
    const inspected = await inspectModel(
      recorded,
      memorySource({ ...files, 'step-0.bin': weights, 'step-100.bin': weights }),
    );
    assert.deepEqual(inspected.checkpoints, [0, 100]);
    await assert.rejects(
      inspectModel(recorded, memorySource({ ...files, 'step-0.bin': weights, 'step-100.bin': weights.slice(4) })),
      failsWith('ENG_FILE_TRUNCATED', /step-100\.bin/),
    );
  });

  it('tells a linear regression from one with layers between', async () => {
    const { manifest: told } = parseModelManifest({ name: 'line', kind: 'tfjs-layers', task: 'regression' });
    const line = sequential([4], layer('Dense', { units: 1, use_bias: false }));
    const inspected = await inspectModel(told, layersModel(line, 1, 'regression'));
    assert.deepEqual(inspected.linearUnit, { width: 4, bias: false });
    const bent = sequential([4], layer('Dense', { units: 1, activation: 'relu' }), layer('Dense', { units: 1 }));
    assert.equal((await inspectModel(told, layersModel(bent, 1, 'regression'))).linearUnit, undefined);
  });

  it('refuses regressions of several outputs, or with an activation at the end', async () => {
    const { manifest: told } = parseModelManifest({ name: 'two', kind: 'tfjs-layers', task: 'regression' });
    const ending = (units: number, activation: string) =>
      sequential([4], layer('Dense', { units: 3 }), layer('Dense', { units, activation }));
    for (const [units, activation, said] of [
      [2, 'linear', /shape \[2\].*one linear unit/],
      [1, 'relu', /ends in relu.*one linear unit/],
    ] as const)
      await assert.rejects(
        inspectModel(told, memorySource({ 'model.json': { modelTopology: ending(units, activation) } })),
        failsWith('ENG_MODEL_UNSUPPORTED', said),
      );
  });

  it('reads a regression saved by TensorFlow.js, and says that it is not a classifier', async (context) => {
    const folder = realData(context, 'abalone-tfjs');
    if (folder === undefined) return;
    await assert.rejects(
      inspectModel(manifest, await sourceOfFolder(`${folder}/model`)),
      failsWith('ENG_MODEL_UNSUPPORTED', /one linear value/),
    );
    const { manifest: told } = parseModelManifest({ name: 'abalone', kind: 'tfjs-layers', task: 'regression' });
    const inspected = await inspectModel(told, await sourceOfFolder(`${folder}/model`));
    assert.deepEqual(inspected.output, { shape: [1], meaning: 'prediction' });
    assert.deepEqual(inspected.abilities, ['predictions', 'gradients', 'weights', 'train', 'features']);
    assert.equal(inspected.parameterCount, 8 * 50 + 50 + 50 * 50 + 50 + 50 + 1);
    assert.equal(inspected.classCount, undefined);
    assert.deepEqual(inspected.lastLayer, { width: 50, head: 'linear', bias: true });
  });
});
