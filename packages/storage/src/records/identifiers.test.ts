import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newId } from './identifiers.js';

test('an id says its kind and is of 26 lower-case letters and digits', () => {
  assert.match(newId('model'), /^mdl_[0-9a-z]{26}$/);
  assert.match(newId('dataset'), /^dst_[0-9a-z]{26}$/);
  assert.match(newId('audit'), /^aud_[0-9a-z]{26}$/);
});

test('later ids sort after earlier ones as bytes', () => {
  const moment = fc.integer({ min: 0, max: 2 ** 45 });
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      fc.pre(a < b);
      assert.ok(Buffer.compare(Buffer.from(newId('audit', a)), Buffer.from(newId('audit', b))) < 0);
    }),
  );
});

test('ids of one millisecond differ', () => {
  assert.equal(new Set(Array.from({ length: 10_000 }, () => newId('audit', 1))).size, 10_000);
});
