import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import { canonicalJson, digestOf, sha256Hex } from '../index.js';

test('SHA-256 matches the published vectors', () => {
  // FIPS 180-2, appendix B.1, and the empty message.
  assert.equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(sha256Hex(new Uint8Array(0)), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('canonical JSON sorts keys at every depth and drops undefined members', () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: null }], a: 'x', u: undefined }), '{"a":"x","b":[{"c":null,"d":1}]}');
  assert.equal(canonicalJson({ '€': 1, '\r': 2, '1': 3 }), '{"\\r":2,"1":3,"€":1}');
  assert.equal(canonicalJson([-0, 1e21, 0.1]), '[0,1e+21,0.1]');
});

test('canonical JSON parses back to the value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      assert.deepEqual(JSON.parse(canonicalJson(plain)), plain);
    }),
  );
});

test('digests ignore the order of keys and nothing else', () => {
  assert.equal(digestOf({ a: 1, b: 2 }), digestOf({ b: 2, a: 1 }));
  assert.notEqual(digestOf({ a: 1 }), digestOf({ a: '1' }));
  assert.notEqual(digestOf([1, 2]), digestOf([2, 1]));
});

test('what JSON cannot carry is refused', () => {
  for (const value of [Number.NaN, Infinity, 1n, () => 1, undefined, new Map(), Float32Array.of(1), [undefined]]) {
    assert.throws(
      () => canonicalJson(value),
      (error) => error instanceof EngramError && error.code === 'ENG_INTERNAL',
    );
  }
});
