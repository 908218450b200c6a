import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notMeasured } from '@engram/domain';
import { wilson } from '../fixtures/measured.js';
import { attackResult } from '../fixtures/membership.js';
import { type RocSeries, rocChart } from './roc-chart.js';

/** Coordinates of the path of a class, as pairs. */
function corners(picture: string, className: string): number[][][] {
  return [...picture.matchAll(new RegExp(`class="${className}"[^>]* d="([^"]*)"`, 'g'))].map(([, path]) =>
    path
      .slice(1)
      .replace(/Z$/, '')
      .split('L')
      .map((pair) => pair.split(',').map(Number)),
  );
}

const roc = {
  fpr: [0, 0.001, 0.01, 1],
  tpr: [0.05, 0.1, 0.3, 1],
  low: [0.03, 0.08, 0.27, 0.996],
  high: [0.07, 0.13, 0.33, 1],
};

function series(overrides: Partial<RocSeries['result']> = {}): RocSeries {
  return { label: 'LiRA', result: { roc, tprAtFpr: [], primary: true, ...overrides } };
}

test('a curve is a staircase: each piece is level or upright', () => {
  const [path] = corners(rocChart('roc', [series()], 1000).markup, 'line');
  path.slice(1).forEach(([x, y], i) => {
    assert.ok(x === path[i][0] || y === path[i][1], `${path[i]} to ${x},${y}`);
  });
});

test('the true positive rate at no false positives reaches the left edge', () => {
  const [path] = corners(rocChart('roc', [series()], 1000).markup, 'line');
  assert.equal(path[0][0], 50);
});

test('thresholds no pixel can tell apart are drawn once', () => {
  const count = 20000;
  const many = Array.from({ length: count + 1 }, (_, i) => i / count);
  const picture = rocChart('roc', [series({ roc: { fpr: many, tpr: many, low: many, high: many } })], count).markup;
  const [path] = corners(picture, 'line');
  assert.ok(path.length < 1500, `${path.length}`);
});

test('only the primary attack has a band', () => {
  const options = {
    attack: 'loss',
    scoreId: 'loss',
    params: {},
    referenceModels: 0,
    shift: 0.5,
    exposedShare: 0,
    seed: 1,
  };
  const first = { label: 'a', result: attackResult({ ...options, primary: true }) };
  const second = { label: 'b', result: attackResult({ ...options, primary: false }) };
  assert.equal(rocChart('roc', [first, second], 1000).markup.split('class="band"').length - 1, 1);
  assert.equal(rocChart('roc', [second], 1000).markup.split('class="band"').length - 1, 0);
});

test('rates that were measured are marked, those that were not are not', () => {
  const unmeasured = notMeasured('ENG_INSUFFICIENT_SAMPLES', 'too few');
  const [given] = series({}).result.tprAtFpr;
  const measuredRate = { ...given, fpr: 0.01, measured: wilson(300, 1000), realisedFpr: wilson(10, 1000) };
  const picture = rocChart(
    'roc',
    [series({ tprAtFpr: [measuredRate, { ...given, fpr: 0.001, measured: unmeasured, realisedFpr: unmeasured }] })],
    1000,
  ).markup;
  assert.equal(picture.split('class="marker"').length - 1, 1);
  assert.match(picture, /LiRA finds 30% of members at a false positive rate of 1%/);
});
