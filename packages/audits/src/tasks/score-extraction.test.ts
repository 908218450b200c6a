import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { extractionReport } from '@engram/contract';
import type { Json } from '@engram/domain';
import { byteTokenizerJson } from '@engram/models';
import { combineExtraction } from '../extraction/combine-extraction.js';
import { gate } from '../testing/made-results.js';
import { TaskBench } from '../testing/task-bench.js';
import { vector } from './audit-rows.js';

const [prefix, suffix, kept] = [4, 4, 5];
const width = prefix + suffix;
const texts = 400;
/** Members whose suffix the model gives with probability 1 - 1e-6 a token; everyone else's tokens come one in four. */
const known = 40;

interface Made {
  readonly known?: number;
  readonly controls?: number;
  /** Rows too short for a window. */
  readonly short?: number;
}

async function score({ known: memorized = known, controls = texts, short = 0 }: Made = {}) {
  const bench = new TaskBench();
  const n = texts + controls;
  const sure = (row: number) => row < memorized;
  const valid = Uint8Array.from({ length: n }, (_, row) => Number(row >= texts || row < texts - short));
  const bytes = new TextEncoder().encode('Anna: 42');
  const top = new Float32Array(n * suffix * kept);
  for (let row = 0; row < n; row += 1)
    for (let at = 0; at < suffix; at += 1)
      for (let k = 0; k < kept; k += 1)
        top[(row * suffix + at) * kept + k] = sure(row) ? (k === 0 ? -1e-6 : -15 - k) : Math.log(k < 4 ? 0.25 : 1e-9);
  const window = (fill: (row: number, at: number) => number) =>
    Float64Array.from({ length: n * width }, (_, i) => fill(Math.floor(i / width), i % width));
  const tokenizer = new TextEncoder().encode(JSON.stringify(byteTokenizerJson()));
  const part = (count: number) => bench.dataset({ text: Array.from({ length: count }, (_, i) => `text ${i}`) });
  const { bundle } = await bench.run(
    'score-extraction',
    {
      members: await part(texts),
      nonMembers: await part(controls),
      model: await bench.document({
        manifest: {},
        inspected: { vocabularySize: 258 },
        files: [{ path: 'tokenizer.json', sizeBytes: tokenizer.length, digest: await bench.put(tokenizer) }],
      }),
      blind: await bench.bundle({}, { gate: gate('blindBaseline', 'pass') as unknown as Json, shared: null }),
      signals: await bench.bundle({
        'window.rows': vector(Int32Array.from({ length: n }, (_, i) => i)),
        'window.valid': vector(valid),
        'window.tokens': { data: Int32Array.from(window((_, at) => bytes[at])), shape: [n, width] },
        // The first token of a text has nothing before it.
        'window.logProbability': {
          data: window((row, at) => (at === 0 ? Number.NaN : sure(row) ? -1e-6 : Math.log(0.25))),
          shape: [n, width],
        },
        'window.rank': { data: Int32Array.from(window((row) => (sure(row) ? 1 : 2 + (row % 3)))), shape: [n, width] },
        'window.top': { data: top, shape: [n, suffix, kept] },
      }),
    },
    {
      prefixTokens: prefix,
      suffixTokens: suffix,
      maxRecords: 10_000,
      decoders: ['greedy', { temperature: 1, topK: 4 }],
      draws: [1, 100],
      texts: 'redacted',
      confidence: 0.95,
    },
  );
  const { section, findings } = combineExtraction(bundle.meta.section as never, null);
  return { section: extractionReport.parse(section), findings, columns: bundle.arrays };
}

describe('scoring extraction', () => {
  it('counts the texts the model continues more surely than any control', async () => {
    const { section, findings } = await score();
    const { labels, decoders, records, controls } = section.prefixSuffix!;
    assert.deepEqual([records, controls, section.verdict], [texts, texts, 'leak']);
    assert.ok(labels.memorized.status === 'measured' && labels.memorized.value === known / texts);
    for (const { decoder, rate, controlRate } of decoders) {
      assert.ok(rate.status === 'measured' && rate.value === known / texts, decoder);
      assert.ok(controlRate.status === 'measured' && controlRate.value === 0, decoder);
    }
    assert.deepEqual(
      findings.map(({ id }) => id),
      [
        'extraction.prefixSuffix.memorized',
        'extraction.prefixSuffix.extractable@1',
        'extraction.prefixSuffix.extractable@100',
      ],
    );
  });

  it('draws how the share grows with the number of draws', async () => {
    const [, sampled] = (await score()).section.prefixSuffix!.decoders;
    const { draws, rate, controlRate } = sampled.curve;
    assert.equal(rate[0], known / texts);
    // A suffix of four tokens at 1/4 each comes once in 256; with probability 1/2 within ln 2 / (1/256) = 178 draws.
    assert.deepEqual(
      draws.map((_, i) => controlRate[i]),
      draws.map((count) => Number(count >= 178)),
    );
    assert.ok(rate.every((share, i) => i === 0 || share >= rate[i - 1]));
  });

  it('shows the surest texts and one control, masked, with no probability for the first token', async () => {
    const { strips } = (await score()).section.prefixSuffix!;
    assert.deepEqual(
      strips.map(({ label }) => label),
      ['extractable', 'extractable', 'extractable', 'extractable', 'extractable', 'control'],
    );
    assert.equal(strips[0].tokens.join(''), '••••: ••');
    assert.equal(strips[0].probabilities[0], null);
    assert.deepEqual([strips[0].prefixTokens, strips[5].dataset], [prefix, 'nonMembers']);
  });

  it('leaves columns over all rows, NaN for controls and texts that were too short', async () => {
    const { columns, section } = await score({ short: 100 });
    const q = columns['column.controlQValue'].data;
    assert.equal(q.length, 2 * texts);
    assert.deepEqual([q[0] <= 0.05, Number.isNaN(q[texts - 1]), Number.isNaN(q[texts])], [true, true, true]);
    assert.equal(section.prefixSuffix!.excluded['too short for a prefix and a suffix'], 100);
    for (const [name, { data }] of Object.entries(columns))
      assert.ok(
        data.every((value) => Number.isNaN(value) || Number.isFinite(value)),
        name,
      );
  });

  it('calls nothing memorised where all texts are alike', async () => {
    const { section, findings } = await score({ known: 0 });
    assert.deepEqual([section.verdict, findings], ['noLeakFound', []]);
  });

  it('is inconclusive without any control, instead of failing', async () => {
    const { section, findings } = await score({ controls: 0 });
    assert.deepEqual([section.verdict, findings], ['inconclusive', []]);
    assert.match(section.statement, /no control text was long enough/);
  });
});
