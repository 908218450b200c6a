import { z } from 'zod';
import { histogram } from './histogram.js';
import { measured } from './measured.js';
import { verdict } from './verdict.js';

/** Memorization over the members, or over the non-members: neither were all models of the bank trained on. */
export const memorizationSummary = z
  .strictObject({
    samples: z.number().int(),
    mean: measured,
    /** Share of samples whose estimate reaches the threshold; estimates scatter, so some do by chance. */
    above: measured,
    /** Share of samples whose estimate is as far below zero: what chance alone gives. */
    mirrored: measured,
    /** Samples memorised by more than the threshold, at a false discovery rate of 5 % (Benjamini-Hochberg). */
    certified: measured,
    /** The same procedure with models trained with and without a sample in each other's place. */
    certifiedMirrored: measured,
  })
  .meta({ id: 'MemorizationSummary' });

/** Whether the audited model itself knows the certified samples better than models that never saw them. */
export const rememberedByTarget = z
  .strictObject({
    /** Mean over certified members of the target's answer less that of models trained without them. */
    members: measured,
    /** The same over certified non-members, which the target never saw: what choosing samples by their estimate gives. */
    nonMembers: measured,
    difference: measured,
  })
  .meta({ id: 'RememberedByTarget' });

export const memorizedSample = z
  .strictObject({
    sampleId: z.string(),
    dataset: z.string(),
    label: z.number().int().nullable(),
    memorization: measured,
    /** Smallest false discovery rate at which it is memorised by more than the threshold. */
    qValue: z.number(),
    /** Mean answer of models trained with it, and without. */
    trained: z.number(),
    heldOut: z.number(),
  })
  .meta({ id: 'MemorizedSample' });

export const influenceReport = z
  .strictObject({
    measure: z.enum(['soft', 'hard']),
    tests: z.number().int(),
    threshold: z.number(),
    /** Samples memorised by the threshold or more, by their estimates: those that are paired. */
    memorized: z.number().int(),
    /** Pairs of such a sample and a test sample it helps by at least the threshold. */
    pairs: z.number().int(),
    /** Pairs as far below zero: as many as chance alone gives, or more. */
    mirroredPairs: z.number().int(),
    /** Share of test samples in such a pair. */
    testsReached: measured,
    mirroredTests: measured,
    /** The strongest, each memorised sample with the test sample it helps most. */
    strongest: z.array(
      z.strictObject({ sampleId: z.string(), dataset: z.string(), testId: z.string(), influence: measured }),
    ),
  })
  .meta({ id: 'InfluenceReport' });

/** The C-score: held-out correctness averaged over sizes of the training set. */
export const cScoreReport = z
  .strictObject({
    /** Mean over the samples judged that have a score. */
    mean: measured,
    /** Samples judged that every model of some size trained on: they have no score. */
    unscored: z.number().int(),
    /** Smallest size first. */
    sizes: z.array(
      z.strictObject({
        subsetFraction: z.number(),
        /** Samples each model trained on. */
        trainingSize: z.number().int(),
        models: z.number().int(),
        /** The models are those memorization is estimated from. */
        isBank: z.boolean(),
        /** Accuracy on samples not trained on, mean over models: `n` counts these. */
        heldOutAccuracy: measured,
      }),
    ),
  })
  .meta({ id: 'CScoreReport' });

/** A quantity after the exposed samples were taken away, after as many random ones were, and how the two differ. */
const afterRemoval = z.strictObject({ exposed: measured, random: measured, difference: measured });

/** Whether what was taken away is needed for accuracy beyond its number: claimed only where nothing else explains it. */
export const necessityReport = z
  .strictObject({
    /**
     * `shown`: all conditions hold, and accuracy falls more than after a random removal, over seeds and over non-members.
     * `notShown`: they hold, and it does not surely fall more. `notClaimed`: some condition does not hold.
     */
    outcome: z.enum(['shown', 'notShown', 'notClaimed']),
    statement: z.string(),
    /** Every retrained model gets 99.5 % of its training samples right; no non-member is a near-duplicate of a member. */
    conditions: z.array(
      z.strictObject({
        condition: z.enum(['converged', 'noNearDuplicates']),
        met: z.boolean(),
        statement: z.string(),
      }),
    ),
    /** Of all models retrained on what is left. */
    leastTrainingAccuracy: z.number(),
    /** Share of the non-members with a member within a tenth of the distance between neighbouring members. */
    nearDuplicates: measured,
  })
  .meta({ id: 'NecessityReport' });

export const onionReport = z
  .strictObject({
    statement: z.string(),
    exposure: z.enum(['vulnerability', 'memorization']),
    /** Members taken away in each arm. */
    removed: z.number().int(),
    modelsPerArm: z.number().int(),
    /** Exposure of the least exposed member taken away: from here on a member counts as exposed. */
    threshold: z.number(),
    /** Members left in both arms. */
    compared: z.number().int(),
    /** Mean exposure after less before. */
    change: afterRemoval,
    /** Share of the members left that are exposed now and were not before. */
    newlyExposed: afterRemoval,
    /** Share of the new most exposed layer that was the second layer before. */
    overlap: z.strictObject({ exposed: measured, random: measured, chance: z.number() }),
    /** What the removal costs: models trained on all members left. */
    utility: z.strictObject({
      retrainSeeds: z.number().int(),
      /** On the non-members, mean over seeds. */
      testAccuracy: afterRemoval,
      /** The same difference with an interval over the non-members, the models taken as given. */
      testAccuracyOverSamples: measured.optional(),
      trainingAccuracy: z.strictObject({ exposed: measured, random: measured }),
      /** Absent in reports written before it was told. */
      necessity: necessityReport.optional(),
      cautions: z.array(z.string()),
    }),
  })
  .meta({ id: 'OnionReport' });

/** Rank correlation over members of two columns of the per-sample table. */
export const columnCorrelation = z
  .strictObject({ first: z.string(), second: z.string(), measured })
  .meta({ id: 'ColumnCorrelation' });

export const memorizationReport = z
  .strictObject({
    verdict,
    statement: z.string(),
    /** The models it rests on; none of them is the audited one. */
    bank: z.strictObject({
      models: z.number().int(),
      /** Samples each model trained on, and their share of all. */
      trainingSize: z.number().int(),
      subsetFraction: z.number(),
      recipe: z.record(z.string(), z.json()),
      recipeFrom: z.enum(['request', 'manifest', 'default', 'given']),
      /** Mean accuracy on samples they were and were not trained on. */
      accuracyIn: z.number().nullable(),
      accuracyOut: z.number().nullable(),
    }),
    measure: z.enum(['soft', 'hard']),
    threshold: z.number(),
    falseDiscoveryRate: z.number(),
    /** Of the estimates; `worstCase` is what a sample answered right half of the time has. */
    standardError: z.strictObject({ median: z.number(), largest: z.number(), worstCase: z.number() }),
    members: memorizationSummary,
    nonMembers: memorizationSummary,
    target: rememberedByTarget,
    /** Shares of the estimates by bins from -1 to 1. */
    distribution: histogram,
    /** The members with the largest estimates, at most 20. */
    top: z.array(memorizedSample),
    /** Means over the samples judged: how often models without a sample get it right, and how many models agree on it. */
    typicality: z.strictObject({
      /** At the bank's one size of the training set. */
      consistency: measured,
      agreement: measured,
      /** Over several sizes; absent when not asked for. */
      cScore: cScoreReport.optional(),
    }),
    /** Null when not asked for, or without a population all models answered. */
    influence: influenceReport.nullable(),
    onion: onionReport.nullable(),
    correlations: z.array(columnCorrelation),
    limits: z.array(z.string()),
  })
  .meta({ id: 'MemorizationReport' });

export type MemorizationSummary = z.infer<typeof memorizationSummary>;
export type RememberedByTarget = z.infer<typeof rememberedByTarget>;
export type MemorizedSample = z.infer<typeof memorizedSample>;
export type InfluenceReport = z.infer<typeof influenceReport>;
export type CScoreReport = z.infer<typeof cScoreReport>;
export type NecessityReport = z.infer<typeof necessityReport>;
export type OnionReport = z.infer<typeof onionReport>;
export type ColumnCorrelation = z.infer<typeof columnCorrelation>;
export type MemorizationReport = z.infer<typeof memorizationReport>;
