import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { lossFromPredictions } from '@engram/numeric';
import { inspectModel } from '../catalog.js';
import { sourceOfFolder } from '../fixtures/folder-source.js';
import { realData } from '../fixtures/real-data.js';
import { testEngine } from '../fixtures/test-engine.js';
import { parseModelManifest } from '../manifest.js';
import { openPredictor } from '../open-predictor.js';

describe('a regression saved by TensorFlow.js', () => {
  const tested = testEngine();

  it('has the documented errors on the data it was trained on, and on the rest', async (context) => {
    const folder = realData(context, 'abalone-tfjs');
    if (folder === undefined) return;
    const { manifest } = parseModelManifest({ name: 'abalone', kind: 'tfjs-layers', task: 'regression' });
    const source = await sourceOfFolder(`${folder}/model`);
    const model = await openPredictor(source, await inspectModel(manifest, source), { engine: tested.engine });
    const rows = readFileSync(`${folder}/abalone.csv`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const input = rows.flatMap(([sex, ...rest]) => ['FMI'.indexOf(sex!), ...rest.slice(0, 7).map(Number)]);
    const targets = rows.map((row) => Number(row[8]));
    const predictions = await model.outputs({ data: Float32Array.from(input), shape: [rows.length, 8] });
    await model.dispose();
    assert.deepEqual(predictions.shape, [rows.length, 1]);
    const squares = lossFromPredictions(predictions, targets);
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    // As the README of the data tells them, from TensorFlow.js in pure JavaScript, rounded to two digits.
    assert.ok(Math.abs(mean(squares.subarray(0, 3500)) - 7.73) < 0.005, `${mean(squares.subarray(0, 3500))}`);
    assert.ok(Math.abs(mean(squares.subarray(3500)) - 4.23) < 0.005, `${mean(squares.subarray(3500))}`);
  });
});
