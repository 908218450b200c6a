import type { Recipe } from '@engram/domain';
import { deriveSeed } from '@engram/numeric';
import type { BatchPlan } from './batch-plan.js';
import { type FormPlan, planForms } from './form-plan.js';
import type { BankLayout } from './layout.js';
import type { BankModel, BankRequest, Labels } from './request.js';
import { learningRateAt } from './schedule.js';

/** What one call of the step program is fed; arrays are (steps, models) in row-major order. */
export interface StepFeeds {
  /** (steps, models, batch) */
  readonly indices: Int32Array;
  /** (steps, models, batch) classes or targets of those samples, as each model is taught them. */
  readonly labels: Int32Array | Float32Array;
  /** (steps, models, batch) forms those samples are shown in; absent without augmentation. */
  readonly forms?: Int32Array;
  /** Real samples of each batch. */
  readonly counts: Int32Array;
  readonly learningRates: Float32Array;
  /** (steps, models, 2) */
  readonly dropoutSeeds: Int32Array;
  readonly noiseSeeds: Int32Array;
  /** (models) */
  readonly noiseStd: Float32Array;
  readonly clip: Float32Array;
}

/** A model with its random streams: of dropout and noise the first halves, as int32; the second half is the step. */
export interface SeededModel extends BankModel<Labels> {
  readonly batchSeed: number;
  /** Absent without augmentation. Seeded as the batches are: runs that share those see the same forms. */
  readonly forms?: FormPlan;
  readonly dropoutSeed: number;
  readonly noiseSeed: number;
}

export function withSeeds(model: BankModel<Labels>, { augmentation }: Recipe): SeededModel {
  const batchSeed = model.batchSeed ?? deriveSeed(model.seed, 'order');
  return {
    ...model,
    batchSeed,
    ...(augmentation.length === 0 ? {} : { forms: planForms(augmentation, model.trainedOn.length, batchSeed) }),
    dropoutSeed: deriveSeed(model.seed, 'dropout') | 0,
    noiseSeed: deriveSeed(model.noise?.seed ?? 0, 'noise') | 0,
  };
}

/** Room for labels in the graph's precision. */
export function emptyLabels(like: Labels, count: number): Int32Array | Float32Array {
  return like instanceof Int32Array ? new Int32Array(count) : new Float32Array(count);
}

/** Batches, rates and seeds of `steps` steps from step `first`. Places past a model's last step, or without one, keep rate 0. */
export function feedsOf(
  request: BankRequest<Labels>,
  layout: BankLayout,
  group: readonly SeededModel[],
  plans: readonly BatchPlan[],
  first: number,
  steps: number,
): StepFeeds {
  const { recipe } = request;
  const { modelsPerGraph } = layout;
  const cells = steps * modelsPerGraph;
  const feeds = {
    indices: new Int32Array(cells * recipe.batchSize),
    labels: emptyLabels(request.labels, cells * recipe.batchSize),
    ...(recipe.augmentation.length === 0 ? {} : { forms: new Int32Array(cells * recipe.batchSize) }),
    counts: new Int32Array(cells),
    learningRates: new Float32Array(cells),
    dropoutSeeds: new Int32Array(cells * 2),
    noiseSeeds: new Int32Array(cells * 2),
    noiseStd: new Float32Array(modelsPerGraph),
    clip: new Float32Array(modelsPerGraph).fill(1e30),
  };
  for (let at = 0; at < steps; at++) {
    const step = first + at;
    group.forEach((model, place) => {
      const plan = plans[place]!;
      if (step >= plan.steps) return;
      const cell = at * modelsPerGraph + place;
      const start = cell * recipe.batchSize;
      const count = plan.fill(step, feeds.indices, start);
      const labels = model.labels ?? request.labels;
      for (let at = start; at < start + count; at++) feeds.labels[at] = labels[feeds.indices[at]!]!;
      if (feeds.forms !== undefined) {
        const epoch = Math.floor(step / plan.stepsPerEpoch);
        model.forms!.fill(epoch, feeds.indices.subarray(start, start + count), feeds.forms, start);
      }
      feeds.counts[cell] = count;
      feeds.learningRates[cell] = learningRateAt(recipe, step, plan.steps);
      feeds.dropoutSeeds.set([model.dropoutSeed, step], cell * 2);
      feeds.noiseSeeds.set([model.noiseSeed, step], cell * 2);
    });
  }
  group.forEach(({ noise }, place) => {
    feeds.noiseStd[place] = noise?.std ?? 0;
    if (noise?.clip !== undefined) feeds.clip[place] = noise.clip;
  });
  return feeds;
}
