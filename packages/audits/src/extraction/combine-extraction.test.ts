import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ExtractionReport, extractionReport, finding, type Gate } from '@engram/contract';
import { type Measured, notMeasured } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';
import { gate, interval } from '../testing/made-results.js';
import { combineExtraction } from './combine-extraction.js';

type PrefixSuffix = NonNullable<ExtractionReport['prefixSuffix']>;
type Exposure = NonNullable<ExtractionReport['exposure']>;

const none = notMeasured('ENG_INSUFFICIENT_SAMPLES', 'no control text was long enough');

function texts(memorized: Measured, controls = 400, outcome: Gate['outcome'] = 'pass'): PrefixSuffix {
  return {
    prefixTokens: 50,
    suffixTokens: 50,
    records: 200,
    controls,
    excluded: {},
    decoders: [
      {
        decoder: 'greedy',
        rate: clopperPearson(1, 200),
        controlRate: clopperPearson(0, Math.max(1, controls)),
        curve: { draws: [1], atLeast: 0.5, rate: [0.01], controlRate: [0] },
      },
    ],
    labels: { memorized, extractable: [{ draws: 1, measured: memorized }], common: memorized, notShown: memorized },
    controlsGate: gate('blindBaseline', outcome),
    strips: [],
  };
}

function canaries(detected: number, count = 20, outcome: Gate['outcome'] = 'pass'): Exposure {
  const level = (repetitions: number, found: number, of: number) => ({
    repetitions,
    count: of,
    exposureBits: interval(5, 4, 6, of),
    shareDetected: clopperPearson(found, of),
  });
  return {
    spaceBits: 30,
    references: 1000,
    estimator: 'sampled',
    canaries: [],
    byRepetitions: [level(0, 0, 20), level(10, detected, count)],
    nullCheck: { outcome, measured: interval(1.4, 1, 1.8, 20), statement: 'Never planted ones show 1.4 bits.' },
  };
}

const memorized = (found: number) => clopperPearson(found, 200);
const verdictOf = (...parts: Parameters<typeof combineExtraction>) => {
  const { section, findings } = combineExtraction(...parts);
  extractionReport.parse(section);
  for (const one of findings) finding.parse(one);
  return section.verdict;
};

describe('the verdict on extraction', () => {
  it('is a leak as soon as a text is memorised or a planted secret stands out', () => {
    assert.equal(verdictOf(texts(memorized(3)), null), 'leak');
    assert.equal(verdictOf(null, canaries(10)), 'leak');
    assert.equal(verdictOf(texts(memorized(0)), canaries(10)), 'leak');
  });

  it('finds no leak only with enough controls and enough planted secrets', () => {
    assert.equal(verdictOf(texts(memorized(0), 200), canaries(0)), 'noLeakFound');
    assert.equal(verdictOf(texts(memorized(0), 199), canaries(0)), 'inconclusive');
    assert.equal(verdictOf(texts(memorized(0)), canaries(0, 9)), 'inconclusive');
    assert.equal(verdictOf(texts(none, 0), null), 'inconclusive');
  });

  it('is invalid where the controls are not like the texts, and no finding stands on them', () => {
    const failed = texts(memorized(3), 400, 'fail');
    assert.equal(verdictOf(failed, null), 'invalid');
    assert.deepEqual(combineExtraction(failed, null).findings, []);
    assert.equal(verdictOf(null, canaries(10, 20, 'fail')), 'invalid');
    assert.deepEqual(combineExtraction(null, canaries(10, 20, 'fail')).findings, []);
  });

  it('keeps the leak of one test beside the failed control of the other', () => {
    const { section, findings } = combineExtraction(texts(memorized(3), 400, 'fail'), canaries(10));
    assert.equal(section.verdict, 'leak');
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['extraction.exposure@10'],
    );
    // The mean of an exponential distribution of base 2: what secrets that were never planted have.
    assert.deepEqual(findings[0].quantity, {
      kind: 'exposure',
      unit: 'bits',
      direction: 'higherIsWorse',
      chance: Math.log2(Math.E),
    });
  });
});

describe('what is said of extraction', () => {
  const say = (...parts: Parameters<typeof combineExtraction>) => combineExtraction(...parts).section;

  it('counts texts, and those that come out in a single try', () => {
    assert.match(
      say(texts(memorized(3)), null).statement,
      /^Of 200 training texts 3 are .*; 3 come out in a single try\.$/,
    );
    assert.match(say(texts(memorized(0)), null).statement, /none could be shown .* than the 400 controls\.$/);
  });

  it('passes on a warning about the controls', () => {
    assert.match(say(texts(memorized(3), 400, 'warn'), null).statement, /may come from a difference to the controls/);
  });

  it('sets planted secrets beside those never planted', () => {
    assert.match(
      say(null, canaries(10)).statement,
      /^Planted secrets stand out by 5\.0 bits planted 10 times \(1000 sampled secrets show at most 10\.0; never planted: 1\.4\)\.$/,
    );
    assert.match(say(null, { ...canaries(10), estimator: 'exact' }).statement, /\(of 30\.0 possible; never planted/);
  });

  it('states how much can go unseen with so many controls', () => {
    // 1 / (c + 1) over 0.05: a tenth with 199 controls, nothing worth saying with 2,000.
    const limit = (controls: number) =>
      say(texts(memorized(0), controls), null).limits.filter((one) => one.includes('controls:'));
    assert.match(limit(199)[0], /fewer than 10 % of the texts/);
    assert.deepEqual(limit(2000), []);
  });
});
