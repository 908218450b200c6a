import { dataDietScoreIds } from '@engram/attacks';
import { z } from 'zod';
import { measured } from './measured.js';

const scoreId = z.enum(dataDietScoreIds);

/** Forgetting events of a sample never learned have no count. */
const scoreValue = z.union([z.number(), z.literal('neverLearned')]);

/** A share after each epoch, mean over runs, with its pointwise interval at the audit's confidence. */
const shareByEpoch = z.strictObject({
  value: z.array(z.number()),
  low: z.array(z.number()),
  high: z.array(z.number()),
});

/** Zhang et al. 2017: what the architecture can learn when there is nothing to learn but the labels themselves. */
export const randomLabelCapacity = z
  .strictObject({
    epochs: z.number().int(),
    /** Models per level; with several, rates are means over them and `n` stays the samples of one. */
    seeds: z.number().int(),
    /** Share of random labels that guessing gets right. */
    chance: z.number(),
    levels: z.array(
      z.strictObject({
        /** Share of labels drawn at random. */
        corruption: z.number(),
        /** Against the labels taught, after the last epoch. */
        trainingAccuracy: measured,
        /** The same on the samples whose label was drawn at random: above chance only by heart. */
        randomLabelAccuracy: measured,
        /** Against the true labels of the non-members. */
        heldOutAccuracy: measured,
        /** Epochs until 99 % of the labels taught are reproduced; the budget when `censored`. */
        epochsToFit: measured,
        censored: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'RandomLabelCapacity' });

/** How well data-diet scores find labels that were flipped on purpose. */
export const noisyLabelDetection = z
  .strictObject({
    /** Share of the labels flipped to another class. */
    flip: z.number(),
    flipped: z.number().int(),
    runs: z.number().int(),
    epochs: z.number().int(),
    scores: z.array(
      z.strictObject({
        score: scoreId,
        /** Chance that a flipped sample scores above one that was left alone; mean over runs, `n` = runs. */
        auroc: measured,
        perRun: z.array(measured),
      }),
    ),
    /** The score that found them best, by which samples are listed for review. */
    best: scoreId,
    /** Of as many samples as are listed for review, the share whose label had been flipped. */
    precisionOfReview: measured,
    /** Of the flipped samples, the share for which early epochs voted for the true label. */
    votesForTruth: measured,
  })
  .meta({ id: 'NoisyLabelDetection' });

/** Members whose labels, as they are, look most like flipped ones. */
export const labelReview = z
  .strictObject({
    score: scoreId,
    share: z.number(),
    /** Samples in that share; at most 100 are listed. */
    count: z.number().int(),
    listed: z.array(
      z.strictObject({
        sampleId: z.string(),
        dataset: z.string(),
        label: z.number().int(),
        /** The label most predictions early in training go for, and their share. */
        votedLabel: z.number().int(),
        voteShare: z.number(),
        score: scoreValue,
        scores: z.record(scoreId, scoreValue),
      }),
    ),
  })
  .meta({ id: 'LabelReview' });

/** Liu et al. 2020: flipped samples are first predicted as they truly are, then learned by heart. */
export const earlyLearning = z
  .strictObject({
    runs: z.number().int(),
    /** From 1. */
    epochs: z.array(z.number().int()),
    /** Flipped samples predicted as their true label. */
    trueLabel: shareByEpoch,
    /** Flipped samples predicted as their flipped label. */
    flippedLabel: shareByEpoch,
    /** Samples left alone, predicted right. */
    clean: shareByEpoch,
    /** Non-members predicted right. */
    heldOut: shareByEpoch,
    /** Epoch after which most flipped samples are predicted as they truly are: median over runs. */
    point: measured,
    pointPerRun: z.array(z.number().int()),
    /** Rise of `flippedLabel` from that epoch to the last. */
    riseAfterPoint: measured,
    chance: z.number(),
    /** Area between `flippedLabel` and chance per epoch: 0 = no better than guessing. */
    labelNoiseMemorization: measured,
  })
  .meta({ id: 'EarlyLearning' });

export const labelMemorizationReport = z
  .strictObject({
    statement: z.string(),
    members: z.number().int(),
    nonMembers: z.number().int(),
    classes: z.number().int(),
    recipe: z.record(z.string(), z.json()),
    recipeFrom: z.enum(['request', 'manifest', 'default']),
    randomLabels: randomLabelCapacity.nullable(),
    noisyLabels: noisyLabelDetection.nullable(),
    review: labelReview.nullable(),
    earlyLearning: earlyLearning.nullable(),
    limits: z.array(z.string()),
  })
  .meta({ id: 'LabelMemorizationReport' });

export type RandomLabelCapacity = z.infer<typeof randomLabelCapacity>;
export type NoisyLabelDetection = z.infer<typeof noisyLabelDetection>;
export type LabelReview = z.infer<typeof labelReview>;
export type EarlyLearning = z.infer<typeof earlyLearning>;
export type LabelMemorizationReport = z.infer<typeof labelMemorizationReport>;
