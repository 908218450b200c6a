import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskKind } from '@engram/domain';
import { anyDevice, secondsPerUnit } from './paces.js';

const rate = (kind: TaskKind, device: string, msPerUnit: number) => ({ kind, device, msPerUnit, tasks: 3 });

test('what tasks take is judged by the devices in use', () => {
  const rates = [rate('train-reference', 'cpu', 4000), rate('train-reference', 'cuda:0', 500)];
  assert.deepEqual(secondsPerUnit(rates, new Set(['cuda:0'])), { 'train-reference': 0.5 });
  assert.deepEqual(secondsPerUnit(rates, new Set(['cpu', 'cuda:0'])), { 'train-reference': 2.25 });
});

test('a kind not timed on the devices in use is judged by all that it was timed on', () => {
  const rates = [rate('train-reference', 'cpu', 4000), rate('train-reference', 'cuda:0', 500)];
  assert.deepEqual(secondsPerUnit(rates, new Set()), { 'train-reference': 2.25 });
  assert.deepEqual(secondsPerUnit(rates, new Set(['cuda:1'])), { 'train-reference': 2.25 });
});

test('tasks that did not say where they ran count for every device', () => {
  assert.deepEqual(secondsPerUnit([rate('write-report', anyDevice, 30)], new Set(['cpu'])), { 'write-report': 0.03 });
});

test('kinds never timed are absent', () => {
  assert.deepEqual(secondsPerUnit([], new Set(['cpu'])), {});
});
