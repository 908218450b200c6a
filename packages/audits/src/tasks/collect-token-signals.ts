import type { NdArray, TaskSpec } from '@engram/domain';
import type { OpenLanguageModel } from '@engram/models';
import { createRandom, deriveSeed } from '@engram/numeric';
import type { ModelDescriptor } from '../resources.js';
import { openAuditRows, openRole, rowsWhere, vector } from './audit-rows.js';
import { readDocument, type TaskContext, type TaskResult } from './context.js';
import { keptTokens } from './kept-tokens.js';
import { withMedianForMissing } from './missing-losses.js';
import { openTargetLanguageModel } from './open-language-target.js';

/** Texts scored between two looks at the cancel signal. */
const textsPerBatch = 32;

/**
 * Reads what attacks need of a language model on every judged text: the mean loss per token over the text, as far as
 * the context reaches, and, when a window is asked for, the signals of one stretch of prefix and suffix tokens at a
 * random place of each text, or of `maxRecords` texts of each side where there are more. Leaves `membership`, `loss` and
 * `scaledConfidence` (minus the loss), `tokens`, and `window.*` for the texts drawn: their rows in `window.rows`, and
 * `window.valid` 0 where a text was too short.
 */
export async function collectTokenSignals(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const population = await openRole(context, 'population');
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const model = await openTargetLanguageModel(descriptor, context);
  try {
    const texts = (await Promise.all(rows.parts.map((part) => part.dataset.texts('text')))).flat();
    const others = population === undefined ? [] : await population.texts('text');
    const report = (fraction: number) => context.progress(fraction, `${texts.length} texts`);
    const share = texts.length / Math.max(1, texts.length + others.length);
    const windowed = task.params.prefixTokens !== undefined;
    const scored = await textLosses(model, texts, context, (f) => report(f * share * (windowed ? 0.5 : 1)));
    const arrays: Record<string, NdArray> = {
      membership: vector(rows.membership),
      loss: vector(scored.loss),
      scaledConfidence: vector(scored.loss.map((nats) => -nats)),
      tokens: vector(scored.tokens),
    };
    if (others.length > 0)
      arrays['population.loss'] = vector((await textLosses(model, others, context, () => {})).loss);
    if (windowed)
      Object.assign(
        arrays,
        await windowSignals(model, texts, drawRows(rows.membership, task), task, context, (f) =>
          report(share * (0.5 + 0.5 * f)),
        ),
      );
    return {
      bundle: {
        arrays,
        meta: {
          count: rows.count,
          truncated: scored.truncated,
          unscored: scored.tokens.reduce((count, tokens) => count + Number(tokens === 0), 0),
        },
      },
      facts: { texts: texts.length },
    };
  } finally {
    await model.dispose();
  }
}

export interface TextLosses {
  /** (n) nats per token. */
  readonly loss: Float64Array;
  /** (n) tokens scored. */
  readonly tokens: Int32Array;
  /** Texts cut at the model's context. */
  readonly truncated: number;
}

/**
 * Mean loss per token of each text. A text of fewer than two tokens has no conditional token and so no loss: it gets the
 * median of the others, which says nothing either way (0 would be the strongest sign of membership there is).
 */
export async function textLosses(
  model: OpenLanguageModel,
  texts: readonly string[],
  context: Pick<TaskContext, 'signal'>,
  onProgress: (fraction: number) => void,
): Promise<TextLosses> {
  const loss = new Float64Array(texts.length);
  const tokens = new Int32Array(texts.length);
  const limit = model.inspected.contextLength ?? Number.POSITIVE_INFINITY;
  let truncated = 0;
  for (let start = 0; start < texts.length; start += textsPerBatch) {
    context.signal.throwIfAborted();
    const sequences = texts.slice(start, start + textsPerBatch).map((text) => {
      const ids = model.encode(text);
      if (ids.length > limit) truncated += 1;
      return ids.subarray(0, Math.min(ids.length, limit));
    });
    const scorable = sequences.filter((ids) => ids.length >= 2);
    const sums = await model.sequenceLoss(scorable);
    let at = 0;
    sequences.forEach((ids, i) => {
      tokens[start + i] = Math.max(0, ids.length - 1);
      loss[start + i] = ids.length < 2 ? Number.NaN : sums[at++] / (ids.length - 1);
    });
    onProgress(Math.min(1, (start + textsPerBatch) / texts.length));
  }
  return { loss: withMedianForMissing(loss), tokens, truncated };
}

/** Rows whose windows are looked at, ascending: of each side all, or as many as asked for at random. */
function drawRows(membership: Uint8Array, task: TaskSpec): Int32Array {
  const most = Number(task.params.maxRecords);
  const random = createRandom(deriveSeed(task.seed, 'records'));
  const drawn = ([1, 0] as const).flatMap((side) => {
    const rows = rowsWhere(membership, side);
    return rows.length <= most ? [...rows] : Array.from(random.sample(rows.length, most), (at) => rows[at]);
  });
  return Int32Array.from(drawn).sort();
}

async function windowSignals(
  model: OpenLanguageModel,
  texts: readonly string[],
  drawn: Int32Array,
  task: TaskSpec,
  context: TaskContext,
  onProgress: (fraction: number) => void,
): Promise<Record<string, NdArray>> {
  const prefix = Number(task.params.prefixTokens);
  const suffix = Number(task.params.suffixTokens);
  const width = prefix + suffix;
  const n = drawn.length;
  const kept = Math.min(keptTokens, model.inspected.vocabularySize ?? keptTokens);
  const valid = new Uint8Array(n);
  const tokens = new Int32Array(n * width);
  const logProbability = new Float64Array(n * width).fill(Number.NaN);
  const rank = new Int32Array(n * width);
  const top = new Float32Array(n * suffix * kept).fill(Number.NaN);
  const bos = Int32Array.from(model.bosTokens);
  for (let start = 0; start < n; start += textsPerBatch) {
    context.signal.throwIfAborted();
    const windows: { readonly place: number; readonly ids: Int32Array }[] = [];
    for (let place = start; place < Math.min(n, start + textsPerBatch); place += 1) {
      const row = drawn[place];
      const ids = model.encode(texts[row], { special: false });
      if (ids.length < width) continue;
      const room = ids.length - width;
      const at = room === 0 ? 0 : createRandom(deriveSeed(task.seed, 'window', row)).integer(room + 1);
      windows.push({ place, ids: ids.slice(at, at + width) });
    }
    const signals = await model.tokenSignals(
      windows.map(({ ids }) => Int32Array.from([...bos, ...ids])),
      { topK: kept, signal: context.signal },
    );
    signals.forEach((signal, i) => {
      const { place, ids } = windows[i];
      valid[place] = 1;
      tokens.set(ids, place * width);
      logProbability.set(signal.logProbability.subarray(bos.length), place * width);
      rank.set(signal.rank.subarray(bos.length), place * width);
      top.set(signal.topLogProbabilities.subarray((bos.length + prefix) * kept), place * suffix * kept);
    });
    onProgress(Math.min(1, (start + textsPerBatch) / n));
  }
  return {
    'window.rows': vector(drawn),
    'window.valid': vector(valid),
    'window.tokens': { data: tokens, shape: [n, width] },
    'window.logProbability': { data: logProbability, shape: [n, width] },
    'window.rank': { data: rank, shape: [n, width] },
    'window.top': { data: top, shape: [n, suffix, kept] },
  };
}
