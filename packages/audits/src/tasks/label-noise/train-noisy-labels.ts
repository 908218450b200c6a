import {
  dataDietScoreIds,
  dataDietScores,
  type EarlyLearningCurve,
  earlyLearningCurve,
  earlyLearningEpoch,
  flipLabels,
  occurringClasses,
  type RunTrace,
  votedLabels,
} from '@engram/attacks';
import type { NdArray, Recipe, TaskSpec } from '@engram/domain';
import { type TrainedModel, trainBank } from '@engram/models';
import { deriveSeed, median } from '@engram/numeric';
import { vector } from '../audit-rows.js';
import { param, type TaskContext, type TaskResult } from '../context.js';
import type { LabelledSamples } from './labelled-samples.js';

/**
 * Models taught labels of which a share was flipped, each with flips of its own, and as many taught the labels as they
 * are. Leaves `members` (n) rows; `flipped` (runs, n); scores `noisy.<score>` and `given.<score>` (runs, n), higher = more
 * suspect; `noisy.votedTrue` (runs, n) 1 = flipped, and early predictions go for the true label; `label`,
 * `given.votedLabel`, `given.voteShare` (n); and `curve.*` (runs, epochs), shares.
 */
export async function trainNoisyLabels(
  task: TaskSpec,
  context: TaskContext,
  { network, inputs, labels, members, everyone }: LabelledSamples,
): Promise<TaskResult> {
  const recipe = param<Recipe>(task, 'recipe');
  const flip = param<number>(task, 'flip');
  const runs = param<number>(task, 'runs');
  const n = labels.length;
  const trainedOn = new Uint8Array(n).fill(1);
  const numbers = Array.from({ length: runs }, (_, run) => run);
  const noise = numbers.map((run) => flipLabels(labels, flip, deriveSeed(task.seed, 'flips', run)));
  const { models, facts } = await trainBank(await context.engine(), {
    network,
    inputs,
    labels,
    recipe,
    models: [
      ...noise.map((noisy, run) => ({ seed: deriveSeed(task.seed, 'noisy', run), trainedOn, labels: noisy.labels })),
      ...numbers.map((run) => ({ seed: deriveSeed(task.seed, 'given', run), trainedOn })),
    ],
    evaluate: { ...everyone, at: 'epochs' },
    record: { at: 'epochs' },
    onProgress: (fraction) => context.progress(fraction, `${2 * runs} models, half of them taught flipped labels`),
    signal: context.signal,
  });
  const noisy = models.slice(0, runs);
  const given = models.slice(runs);
  const curves = noisy.map(({ evaluations }, run) => ({
    ...earlyLearningCurve(
      evaluations.map(({ predicted }) => predicted),
      { true: labels, taught: noise[run].labels },
      noise[run].changed,
    ),
    heldOut: Float64Array.from(evaluations, ({ correct }) => shareOf(correct.subarray(n))),
  }));
  // Later predictions repeat the label taught, right or wrong: the vote is taken while the truth is known best.
  const point = Math.round(median(Float64Array.from(curves, earlyLearningEpoch)));
  const classes = occurringClasses(labels);
  const vote = (voters: readonly TrainedModel[]) =>
    votedLabels(
      voters.flatMap(({ evaluations }) =>
        evaluations.slice(0, point + 1).map(({ predicted }) => predicted.subarray(0, n)),
      ),
      network.outputCount,
    );
  const voted = vote(given);
  return {
    bundle: {
      arrays: {
        members: vector(members),
        label: vector(labels),
        flipped: rowsOf(noise.map(({ changed }) => changed)),
        ...scoresOf('noisy', noisy, n),
        ...scoresOf('given', given, n),
        'noisy.votedTrue': rowsOf(
          noisy.map((model, run) =>
            vote([model]).labels.map((label, i) => noise[run].changed[i] * Number(label === labels[i])),
          ),
        ),
        'given.votedLabel': vector(voted.labels),
        'given.voteShare': vector(voted.shares),
        ...curveArrays(curves),
      },
      meta: {
        flip,
        flipped: noise[0].changed.reduce((sum, each) => sum + each, 0),
        epochs: recipe.epochs,
        members: n,
        nonMembers: everyone.labels.length - n,
        classes: classes.length,
      },
    },
    facts: { models: models.length, ...facts },
  };
}

function scoresOf(what: string, models: readonly TrainedModel[], n: number): Record<string, NdArray> {
  const scores = models.map((model) => dataDietScores(traceOf(model, n), n));
  return Object.fromEntries(dataDietScoreIds.map((id) => [`${what}.${id}`, rowsOf(scores.map((each) => each[id]))]));
}

function traceOf({ records, steps }: TrainedModel, n: number): RunTrace {
  const joined = (read: (record: TrainedModel['records'][number]) => ArrayLike<number>) => {
    const data = new Float64Array(records.length * n);
    records.forEach((record, epoch) => {
      data.set(read(record), epoch * n);
    });
    return data;
  };
  return {
    steps: records.map(({ step }) => step),
    totalSteps: steps,
    loss: joined(({ loss }) => loss),
    gradientNorm: joined(({ gradientNorm }) => gradientNorm),
    el2n: joined(({ el2n }) => el2n),
    correct: joined(({ correct }) => correct),
  };
}

function curveArrays(
  curves: readonly (EarlyLearningCurve & { readonly heldOut: Float64Array })[],
): Record<string, NdArray> {
  const names = ['trueLabel', 'flippedLabel', 'clean', 'heldOut'] as const;
  return Object.fromEntries(names.map((name) => [`curve.${name}`, rowsOf(curves.map((curve) => curve[name]))]));
}

/** Rows of equal length as one array: (rows, width). */
function rowsOf(rows: readonly ArrayLike<number>[]): NdArray {
  const width = rows[0].length;
  const data = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    data.set(row, i * width);
  });
  return { data, shape: [rows.length, width] };
}

function shareOf(correct: Uint8Array): number {
  return correct.reduce((sum, each) => sum + each, 0) / correct.length;
}
