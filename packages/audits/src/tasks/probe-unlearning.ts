import { chooseForgetSets } from '@engram/attacks';
import type { NdArray, Recipe, TaskSpec } from '@engram/domain';
import { type BankModel, type BankResult, type ModelWeights, trainBank } from '@engram/models';
import { createRandom, deriveSeed, mean, standardDeviation } from '@engram/numeric';
import { openAuditRows, rowsWhere, takeRows } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';
import { openTrainableTarget, type TrainableTarget } from './open-target.js';

/** Noisy fine-tuning as a probe: SGD with momentum, stated in the report. */
const fineTuneLearningRate = 0.05;
const fineTuneMomentum = 0.9;
/**
 * The pull towards zero is what makes a fully fitted model forget: gradients of retained samples vanish. It is set so that
 * the budget spans this many contraction times, so that even the hardest set has time to reach the retrained level.
 */
const contractionTimes = 4;
const clip = 1;
/** Noise per step, as shares of the root mean square weight: the largest that costs under 1 % accuracy is taken. */
const noiseShares = [1e-3, 3e-3, 1e-2, 3e-2];
const accuracyAllowance = 0.01;
/** How often the models are looked at: each look costs a pass of every model over all watched samples. */
const evaluations = 24;
const heldOutSamples = 400;

interface Probe {
  readonly task: TaskSpec;
  readonly context: TaskContext;
  readonly target: TrainableTarget;
  /** Rows of members, ascending, and their inputs and labels. */
  readonly members: Int32Array;
  readonly inputs: NdArray;
  readonly labels: Int32Array;
  /** Per forget set: positions among the members. */
  readonly sets: readonly Int32Array[];
  /** Every forget sample once, then held-out samples: what all models are evaluated on. */
  readonly watched: { readonly inputs: NdArray; readonly labels: Int32Array; readonly forgetCount: number };
  /** Per set: where its samples stand among the watched. */
  readonly watchedOf: readonly Int32Array[];
}

/**
 * Unlearns several forget sets of different difficulty by noisy fine-tuning on what is retained, next to the same
 * fine-tuning of models retrained without the set: same batches, same noise, so that what training on does to everyone
 * cancels. Leaves, per set and evaluation, the mean gap of logit confidence (`gap`), its spread over samples, accuracy
 * on held-out samples, and per sample of a set the gap before unlearning.
 */
export async function probeUnlearning(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const probe = await prepare(task, context);
  const retrained = await retrain(probe);
  const noise = await chooseNoise(probe);
  const tuned = await fineTune(probe, retrained, noise.std);
  const seeds = param<number>(task, 'retrainSeeds');
  return {
    bundle: {
      arrays: curves(probe, tuned, seeds),
      meta: {
        sets: probe.sets.length,
        size: probe.sets[0].length,
        retrainSeeds: seeds,
        epochs: param<number>(task, 'epochs'),
        steps: tuned.models[0].evaluations.map((evaluation) => evaluation.step),
        learningRate: fineTuneLearningRate,
        momentum: fineTuneMomentum,
        weightDecay: fineTuneRecipe(probe).weightDecay,
        clip,
        noiseStd: noise.std,
        noiseShare: noise.share,
        confidence: param<number>(task, 'confidence'),
        heldOut: probe.watched.labels.length - probe.watched.forgetCount,
      },
    },
    facts: { sets: probe.sets.length, modelsTrained: retrained.models.length + tuned.models.length },
  };
}

async function prepare(task: TaskSpec, context: TaskContext): Promise<Probe> {
  const rows = await openAuditRows(context);
  const target = await openTrainableTarget(rows, context);
  const members = rowsWhere(rows.membership, 1);
  const estimated = await readBundle(context, 'difficulty');
  const primary = estimated.meta.primary as string;
  const column = estimated.arrays[`column.difficulty.${primary}`].data;
  const difficulty = Float64Array.from(members, (row) => column[row]);
  const sets = chooseForgetSets(difficulty, {
    sets: param<number>(task, 'forgetSets'),
    size: param<number>(task, 'size'),
    seed: deriveSeed(task.seed, 'forget-sets'),
  }).map((set) => set.members);
  const forgotten = Int32Array.from([...new Set(sets.flatMap((set) => [...set]))].sort((a, b) => a - b));
  const place = new Map([...forgotten].map((member, at) => [member, at]));
  const others = rowsWhere(rows.membership, 0);
  const heldOut = createRandom(deriveSeed(task.seed, 'held-out')).sample(
    others.length,
    Math.min(heldOutSamples, others.length),
  );
  const watchedRows = Int32Array.from([
    ...Array.from(forgotten, (i) => members[i]),
    ...Array.from(heldOut, (i) => others[i]),
  ]);
  return {
    task,
    context,
    target,
    members,
    inputs: takeRows(target.inputs, members),
    labels: Int32Array.from(members, (row) => target.labels[row]),
    sets,
    watched: {
      inputs: takeRows(target.inputs, watchedRows),
      labels: Int32Array.from(watchedRows, (row) => target.labels[row]),
      forgetCount: forgotten.length,
    },
    watchedOf: sets.map((set) => Int32Array.from(set, (member) => place.get(member)!)),
  };
}

function without(probe: Probe, set: number): Uint8Array {
  const mask = new Uint8Array(probe.members.length).fill(1);
  for (const member of probe.sets[set]) mask[member] = 0;
  return mask;
}

/** Models that never saw a set: `retrainSeeds` of them for each, set by set. */
async function retrain(probe: Probe): Promise<BankResult> {
  const { task, context } = probe;
  const seeds = param<number>(task, 'retrainSeeds');
  const models = probe.sets.flatMap((_, set) =>
    Array.from({ length: seeds }, (_seed, r) => ({
      seed: deriveSeed(task.seed, 'retrain', r),
      trainedOn: without(probe, set),
    })),
  );
  return trainBank(await context.engine(), {
    network: probe.target.network,
    inputs: probe.inputs,
    labels: probe.labels,
    recipe: param<Recipe>(task, 'recipe'),
    models,
    onProgress: (fraction) => context.progress(0.5 * fraction, `retraining without each of ${probe.sets.length} sets`),
    signal: context.signal,
  });
}

function fineTuneRecipe(probe: Probe): Recipe {
  const recipe = param<Recipe>(probe.task, 'recipe');
  return {
    ...recipe,
    optimizer: { kind: 'momentum', learningRate: fineTuneLearningRate, momentum: fineTuneMomentum },
    schedule: 'constant',
    weightDecay: contractionTimes / ((fineTuneLearningRate / (1 - fineTuneMomentum)) * fineTuneSteps(probe)),
    epochs: param<number>(probe.task, 'epochs'),
  };
}

function fineTuneSteps(probe: Probe): number {
  const retained = probe.members.length - probe.sets[0].length;
  return param<number>(probe.task, 'epochs') * Math.ceil(retained / param<Recipe>(probe.task, 'recipe').batchSize);
}

/** The largest noise that costs held-out accuracy less than the allowance against fine-tuning without any. */
async function chooseNoise(probe: Probe): Promise<{ readonly std: number; readonly share: number }> {
  const { target, context, task } = probe;
  const rms = rootMeanSquare(target.weights);
  const everything = new Uint8Array(probe.members.length).fill(1);
  const candidates = [0, ...noiseShares];
  const { models } = await trainBank(await context.engine(), {
    network: target.network,
    inputs: probe.inputs,
    labels: probe.labels,
    recipe: fineTuneRecipe(probe),
    models: candidates.map((share) => ({
      seed: deriveSeed(task.seed, 'pilot'),
      trainedOn: everything,
      initialWeights: target.weights,
      noise: { std: share * rms, seed: deriveSeed(task.seed, 'pilot-noise'), clip },
    })),
    evaluate: { ...probe.watched, at: 'end' },
    onProgress: (fraction) => context.progress(0.5 + 0.1 * fraction, 'choosing how much noise'),
    signal: context.signal,
  });
  const accuracies = models.map((model) => heldOutAccuracy(probe, model.evaluations[0].correct));
  let share = noiseShares[0];
  noiseShares.forEach((candidate, i) => {
    if (accuracies[0] - accuracies[i + 1] < accuracyAllowance) share = candidate;
  });
  return { std: share * rms, share };
}

/** Per set: the target, then each retrained model, fine-tuned on what is retained with common batches and noise. */
async function fineTune(probe: Probe, retrained: BankResult, std: number): Promise<BankResult> {
  const { task, context, target } = probe;
  const seeds = param<number>(task, 'retrainSeeds');
  const recipe = fineTuneRecipe(probe);
  const models = probe.sets.flatMap((_set, at): BankModel[] => {
    const trainedOn = without(probe, at);
    const batchSeed = deriveSeed(task.seed, 'batches', at);
    const noise = { std, seed: deriveSeed(task.seed, 'noise', at), clip };
    const starts = [
      target.weights,
      ...Array.from({ length: seeds }, (_, r) => retrained.models[at * seeds + r].weights),
    ];
    return starts.map((initialWeights) => ({ seed: batchSeed, batchSeed, trainedOn, initialWeights, noise }));
  });
  const steps = fineTuneSteps(probe);
  const every = Math.max(1, Math.ceil(steps / evaluations));
  const at = Array.from({ length: Math.floor(steps / every) + 1 }, (_, i) => i * every);
  return trainBank(await context.engine(), {
    network: target.network,
    inputs: probe.inputs,
    labels: probe.labels,
    recipe,
    models,
    evaluate: { ...probe.watched, at },
    onProgress: (fraction) => context.progress(0.6 + 0.4 * fraction, `unlearning ${probe.sets.length} sets`),
    signal: context.signal,
  });
}

function curves(probe: Probe, tuned: BankResult, seeds: number): Record<string, NdArray> {
  const sets = probe.sets.length;
  const size = probe.sets[0].length;
  const moments = tuned.models[0].evaluations.length;
  const gap = new Float64Array(sets * moments);
  const accuracy = new Float64Array(sets * moments);
  const retrainedAccuracy = new Float64Array(sets * moments);
  const sampleGapBefore = new Float64Array(sets * size);
  const sampleGapAfter = new Float64Array(sets * size);
  const retrainSpread = new Float64Array(sets);
  for (let set = 0; set < sets; set += 1) {
    const [unlearned, ...others] = tuned.models.slice(set * (seeds + 1), (set + 1) * (seeds + 1));
    const places = probe.watchedOf[set];
    for (let m = 0; m < moments; m += 1) {
      const ours = unlearned.evaluations[m];
      const theirs = others.map((model) => model.evaluations[m]);
      const gaps = Float64Array.from(places, (place) => {
        const oracle = theirs.reduce((sum, evaluation) => sum + evaluation.scaledConfidence[place], 0) / seeds;
        return ours.scaledConfidence[place] - oracle;
      });
      gap[set * moments + m] = mean(gaps);
      accuracy[set * moments + m] = heldOutAccuracy(probe, ours.correct);
      retrainedAccuracy[set * moments + m] = mean(
        Float64Array.from(theirs, (one) => heldOutAccuracy(probe, one.correct)),
      );
      if (m === 0) {
        sampleGapBefore.set(gaps, set * size);
        retrainSpread[set] =
          seeds < 2
            ? 0
            : standardDeviation(theirs.map((one) => mean(Float64Array.from(places, (p) => one.scaledConfidence[p]))));
      }
      if (m === moments - 1) sampleGapAfter.set(gaps, set * size);
    }
  }
  const members = Int32Array.from(probe.sets.flatMap((set) => Array.from(set, (member) => probe.members[member])));
  return {
    gap: { data: gap, shape: [sets, moments] },
    accuracy: { data: accuracy, shape: [sets, moments] },
    retrainedAccuracy: { data: retrainedAccuracy, shape: [sets, moments] },
    sampleGapBefore: { data: sampleGapBefore, shape: [sets, size] },
    sampleGapAfter: { data: sampleGapAfter, shape: [sets, size] },
    /** Standard deviation of a retrained model's mean confidence on the set, over retraining seeds. */
    retrainSpread: { data: retrainSpread, shape: [sets] },
    /** Row of each forget sample among the judged samples. */
    rows: { data: members, shape: [sets, size] },
  };
}

function heldOutAccuracy(probe: Probe, correct: Uint8Array): number {
  return mean(Float64Array.from(correct.subarray(probe.watched.forgetCount)));
}

function rootMeanSquare(weights: ModelWeights): number {
  let sum = 0;
  let count = 0;
  for (const { data } of Object.values(weights)) {
    for (const value of data) sum += value * value;
    count += data.length;
  }
  return Math.sqrt(sum / Math.max(1, count));
}
