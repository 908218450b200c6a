import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '@engram/numeric';
import { drawToken } from './decoding.js';
import type { Decoder } from './language-model.js';

/** Frequencies of 40,000 draws; four standard errors of a fraction are at most 0.01. */
function frequencies(logits: number[], decoder: Decoder): number[] {
  const random = createRandom(12);
  const counts = logits.map(() => 0);
  for (let draw = 0; draw < 40_000; draw++)
    counts[drawToken(Float32Array.from(logits), decoder, random)]! += 1 / 40_000;
  return counts;
}

describe('drawing the next token', () => {
  // Probabilities of logits (2, 1, 0, −1) after each decoder, by hand.
  const golden: [Decoder, number[]][] = [
    [{ kind: 'sample' }, [0.643914, 0.236883, 0.087144, 0.032059]],
    [{ kind: 'sample', temperature: 0.5 }, [0.864955, 0.117059, 0.015842, 0.002144]],
    [{ kind: 'sample', topK: 2 }, [0.731059, 0.268941, 0, 0]],
    [{ kind: 'sample', temperature: 0.5, topK: 2 }, [0.880797, 0.119203, 0, 0]],
    [{ kind: 'sample', topP: 0.9 }, [0.665241, 0.244728, 0.090031, 0]],
    [{ kind: 'sample', topK: 3, topP: 0.7 }, [0.731059, 0.268941, 0, 0]],
    [{ kind: 'greedy' }, [1, 0, 0, 0]],
  ];
  for (const [decoder, expected] of golden) {
    it(`follows the distribution of ${JSON.stringify(decoder)}`, () => {
      frequencies([2, 1, 0, -1], decoder).forEach((frequency, token) => {
        assert.ok(Math.abs(frequency - expected[token]!) < 0.01, `${token}: ${frequency}`);
        if (expected[token] === 0) assert.equal(frequency, 0);
      });
    });
  }

  it('gives ties to the lowest ids, greedily and in top-k', () => {
    assert.equal(drawToken(Float32Array.of(1, 3, 3, 3), { kind: 'greedy' }, createRandom(1)), 1);
    const kept = frequencies([0, 0, 0, 0], { kind: 'sample', topK: 2 });
    assert.equal(kept[2]! + kept[3]!, 0);
  });
});
