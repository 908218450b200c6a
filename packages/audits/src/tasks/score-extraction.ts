import {
  claimRecords,
  decoderName,
  extractionCurve,
  prefixSuffix,
  recordLabels,
  scoringDecoder,
  suffixRecords,
  type TokenSignals,
} from '@engram/attacks';
import type { ExtractionReport, HeatStrip } from '@engram/contract';
import type { Bundle, Json, Measured, NdArray, TaskSpec } from '@engram/domain';
import { benjaminiHochberg, clopperPearson, conformalPValues } from '@engram/metrics';
import { showPieces } from '../extraction/redact.js';
import type { ModelDescriptor } from '../resources.js';
import { openAuditRows } from './audit-rows.js';
import { param, readBundle, readDocument, type TaskContext, type TaskResult } from './context.js';
import { openTokenizer } from './open-tokenizer.js';
import { readBlindBaseline } from './score-blind-baseline.js';

type PrefixSuffixSection = NonNullable<ExtractionReport['prefixSuffix']>;

const curveDraws = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000];
const curveProbability = 0.5;
const strips = 6;

/**
 * How likely the model is to continue each training text with its true rest, against the same for texts it never saw.
 * Leaves per-row columns and the section `section` of the report.
 */
export async function scoreExtraction(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const signals = await readBundle(context, 'signals');
  const { confidence, texts } = {
    confidence: param<number>(task, 'confidence'),
    texts: param<'redacted'>(task, 'texts'),
  };
  const settings = prefixSuffix.params.parse(
    Object.fromEntries(Object.entries(task.params).filter(([name]) => name in prefixSuffix.params.shape)),
  );
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const windows = readWindows(signals, settings.prefixTokens, descriptor.inspected.vocabularySize ?? 0);
  const decoded = suffixRecords(windows.suffixes, settings.decoders);
  const scoring = decoderName(scoringDecoder(settings.decoders));
  const score = decoded.decoders.find(({ decoder }) => decoder === scoring)!.low;

  const isMember = Uint8Array.from(windows.rows, (row) => rows.membership[row]);
  const members = positions(isMember, 1);
  const controls = positions(isMember, 0);
  const controlScores = pick(score, controls);
  const pValues = conformalPValues(pick(score, members), controlScores);
  const { qValues } = benjaminiHochberg(pValues, 0.05);
  const claims = claimRecords(pick(score, members), qValues, {
    qValue: 0.05,
    draws: settings.draws,
    probability: 0.95,
  });

  const blind = readBlindBaseline(await readBundle(context, 'blind'));
  const section: PrefixSuffixSection = {
    prefixTokens: settings.prefixTokens,
    suffixTokens: settings.suffixTokens,
    records: members.length,
    controls: controls.length,
    excluded: { tooShort: rows.count - windows.rows.length },
    decoders: decoded.decoders.map((one) => ({
      decoder: one.decoder,
      rate: rateOf(pick(one.low, members), confidence),
      controlRate: rateOf(pick(one.low, controls), confidence),
      curve: {
        draws: curveDraws,
        atLeast: curveProbability,
        rate: [...extractionCurve(pick(one.low, members), curveDraws, curveProbability)],
        controlRate: [
          ...extractionCurve(
            controlScores.length === 0 ? score.subarray(0, 0) : pick(one.low, controls),
            curveDraws,
            curveProbability,
          ),
        ],
      },
    })),
    labels: labelShares(claims, settings.draws, members.length, confidence),
    controlsGate: blind.gate,
    strips: await heatStrips({ signals, windows, members, score, claims, texts, descriptor, context, rows }),
  };
  const columns = columnsOf(rows.count, windows.rows, decoded, members, pValues, qValues, claims.label);
  return {
    bundle: { arrays: columns, meta: { section: section as unknown as Json } },
    facts: { records: members.length },
  };
}

interface Windows {
  /** Rows whose text was long enough, ascending. */
  readonly rows: Int32Array;
  readonly suffixes: TokenSignals;
}

function readWindows(signals: Bundle, prefix: number, vocabularySize: number): Windows {
  const valid = signals.arrays['window.valid'].data;
  const rows = positions(valid, 1);
  const width = signals.arrays['window.tokens'].shape[1];
  const [, suffix, kept] = signals.arrays['window.top'].shape;
  const logProbability = new Float64Array(rows.length * suffix);
  const rank = new Int32Array(rows.length * suffix);
  const top = new Float32Array(rows.length * suffix * kept);
  const from = {
    log: signals.arrays['window.logProbability'].data,
    rank: signals.arrays['window.rank'].data,
    top: signals.arrays['window.top'].data,
  };
  rows.forEach((row, i) => {
    logProbability.set(from.log.subarray(row * width + prefix, (row + 1) * width), i * suffix);
    rank.set(from.rank.subarray(row * width + prefix, (row + 1) * width), i * suffix);
    top.set(from.top.subarray(row * suffix * kept, (row + 1) * suffix * kept), i * suffix * kept);
  });
  return {
    rows,
    suffixes: {
      offsets: Int32Array.from({ length: rows.length + 1 }, (_, i) => i * suffix),
      logProbability,
      rank,
      topLogProbabilities: { data: top, shape: [rows.length * suffix, kept] },
      vocabularySize,
    },
  };
}

/** Share of records emitted in one draw with probability at least one half: for greedy, exactly. */
function rateOf(logProbability: Float64Array, confidence: number): Measured {
  return clopperPearson(
    logProbability.filter((value) => value >= Math.log(0.5)).length,
    logProbability.length,
    confidence,
  );
}

function labelShares(
  claims: ReturnType<typeof claimRecords>,
  draws: readonly number[],
  n: number,
  confidence: number,
): PrefixSuffixSection['labels'] {
  const share = (label: (typeof recordLabels)[number]) =>
    clopperPearson(claims.label.filter((value) => recordLabels[value] === label).length, n, confidence);
  const sum = (values: Uint8Array) => values.reduce((total, value) => total + value, 0);
  return {
    memorized: clopperPearson(sum(claims.memorized), n, confidence),
    extractable: draws.map((budget, b) => ({
      draws: budget,
      measured: clopperPearson(sum(claims.extractable.subarray(b * n, (b + 1) * n)), n, confidence),
    })),
    common: share('common'),
    notShown: share('notShown'),
  };
}

/** The most surely reproduced members, then the most likely control for comparison. */
async function heatStrips(from: {
  readonly signals: Bundle;
  readonly windows: Windows;
  readonly members: Int32Array;
  readonly score: Float64Array;
  readonly claims: ReturnType<typeof claimRecords>;
  readonly texts: 'redacted' | 'hidden' | 'shown';
  readonly descriptor: ModelDescriptor;
  readonly context: TaskContext;
  readonly rows: Awaited<ReturnType<typeof openAuditRows>>;
}): Promise<HeatStrip[]> {
  const { signals, windows, members, score, claims, texts, descriptor, context, rows } = from;
  const tokenizer = await openTokenizer(descriptor, context);
  const tokens = signals.arrays['window.tokens'];
  const logs = signals.arrays['window.logProbability'].data;
  const [width, suffix] = [tokens.shape[1], signals.arrays['window.top'].shape[1]];
  const order = [...members.keys()].sort((a, b) => score[members[b]] - score[members[a]]).slice(0, strips - 1);
  const chosen = order.map((place) => ({ at: members[place], label: recordLabels[claims.label[place]] as string }));
  const control = [...windows.rows.keys()]
    .filter((at) => rows.membership[windows.rows[at]] === 0)
    .sort((a, b) => score[b] - score[a])[0];
  if (control !== undefined) chosen.push({ at: control, label: 'control' });
  const ids = await Promise.all(rows.parts.map((part) => part.dataset.ids()));
  return chosen.map(({ at, label }) => {
    const row = windows.rows[at];
    const part = rows.parts.findIndex(({ start, count }) => row >= start && row < start + count);
    const pieces = Array.from(tokens.data.subarray(row * width, (row + 1) * width), (id) => tokenizer.decode([id]));
    return {
      sampleId: ids[part][row - rows.parts[part].start],
      dataset: rows.parts[part].role,
      tokens: showPieces(pieces, texts),
      probabilities: Array.from(logs.subarray(row * width, (row + 1) * width), (value) =>
        Number.isNaN(value) ? null : Math.exp(value),
      ),
      prefixTokens: width - suffix,
      suffixProbability: Math.exp(score[at]),
      label,
    };
  });
}

function columnsOf(
  count: number,
  rows: Int32Array,
  decoded: ReturnType<typeof suffixRecords>,
  members: Int32Array,
  pValues: Float64Array,
  qValues: Float64Array,
  label: Uint8Array,
): Record<string, NdArray> {
  const spread = (values: ArrayLike<number>, at: ArrayLike<number>) => {
    const data = new Float64Array(count).fill(Number.NaN);
    for (let i = 0; i < at.length; i += 1) data[at[i]] = values[i];
    return { data, shape: [count] };
  };
  const memberRows = Int32Array.from(members, (at) => rows[at]);
  const columns: Record<string, NdArray> = {};
  for (const one of decoded.decoders) {
    columns[`column.suffixLogProbability.${one.decoder}`] = spread(finite(one.low), rows);
    columns[`column.drawsNeeded50.${one.decoder}`] = spread(finite(one.n50), rows);
  }
  columns['column.exactMemorization'] = spread(decoded.exactMemorization, rows);
  columns['column.extractionStrength'] = spread(decoded.extractionStrength, rows);
  columns['column.controlPValue'] = spread(pValues, memberRows);
  columns['column.controlQValue'] = spread(qValues, memberRows);
  columns['column.extractionLabel'] = spread(label, memberRows);
  return columns;
}

/** Infinities as the largest doubles, so that a table of numbers can hold them. */
function finite(values: Float64Array): Float64Array {
  return values.map((value) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value)));
}

function positions(values: ArrayLike<number>, wanted: number): Int32Array {
  const found: number[] = [];
  for (let i = 0; i < values.length; i += 1) if (values[i] === wanted) found.push(i);
  return Int32Array.from(found);
}

function pick(values: Float64Array, at: Int32Array): Float64Array {
  return Float64Array.from(at, (i) => values[i]);
}
