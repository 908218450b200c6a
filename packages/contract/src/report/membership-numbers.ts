import { z } from 'zod';
import { measured } from './measured.js';

/** Shares of members among the samples an attacker tries, at which precision is told. */
export const priors = [0.5, 0.1, 0.01] as const;

export const precisionAtPrior = z
  .strictObject({
    prior: z.number(),
    /**
     * Share of accusations that are right: prior TPR / (prior TPR + (1 - prior) FPR). Its interval takes the Clopper-Pearson
     * intervals of both rates, each at half the error, at their worst and best corner.
     */
    measured,
  })
  .meta({ id: 'PrecisionAtPrior' });

export const tprAtFpr = z
  .strictObject({
    fpr: z.number(),
    /** Share of members above the threshold in use. */
    measured,
    /** The false positive rate this threshold has on the non-members, with its own interval. */
    realisedFpr: measured,
    /** `calibration`: non-members set aside set the threshold; `nonMembers`: in-sample, the very non-members counted. */
    threshold: z.enum(['calibration', 'nonMembers']),
    /**
     * Height of the population's ROC at exactly `fpr`: its interval allows for the threshold being estimated too, that of
     * `measured` does not.
     */
    height: measured,
    precision: z.array(precisionAtPrior),
    /** One-sided exact p-value that members are flagged more often than non-members; null when nothing was measured. */
    pValue: z.number().nullable(),
    /** After Holm's correction over all attacks and rates of the audit. */
    adjustedPValue: z.number().nullable(),
    /** Present when fewer non-members were given than an estimate at this rate wants. */
    caution: z.string().optional(),
  })
  .meta({ id: 'TprAtFpr' });

export const aboveAllNonMembers = z
  .strictObject({
    /** Share of members scoring above every non-member. */
    measured,
    /** Largest false positive rate of that threshold these non-members leave possible, one-sided at the audit's confidence. */
    certifiedFpr: z.number(),
  })
  .meta({ id: 'AboveAllNonMembers' });

export const attackAdvantage = z
  .strictObject({
    /** True less false positive rate at the best threshold; 0 = guessing. */
    advantage: measured,
    /** (1 + advantage) / 2. */
    balancedAccuracy: measured,
    /** The best threshold of each half of the samples is applied to the other half: the maximum over the samples it is
     * counted on would be optimistic. */
    threshold: z.literal('otherHalf'),
  })
  .meta({ id: 'AttackAdvantage' });

export const pairedComparison = z
  .strictObject({
    /** AUC of this attack less that of the other on the same samples, by the paired DeLong test. */
    difference: measured,
    pValueTwoSided: z.number(),
  })
  .meta({ id: 'PairedComparison' });

export const blindBaselineNumbers = z
  .strictObject({
    /** Samples the classifiers were fitted and judged on. */
    n: z.number().int(),
    strongest: z.string(),
    /** Smallest of the adjusted p-values. */
    pValue: z.number(),
    classifiers: z.array(
      z.strictObject({
        classifier: z.string(),
        auc: measured,
        /** Permutation p-value with refits. */
        pValue: z.number(),
        /** After Holm's correction over the classifiers. */
        adjustedPValue: z.number(),
      }),
    ),
    /** What the strongest finds at the audit's rates, to set beside every attack. */
    tprAtFpr: z.array(z.strictObject({ fpr: z.number(), measured, realisedFpr: measured })),
  })
  .meta({ id: 'BlindBaseline' });

export const certifiedMembers = z
  .strictObject({
    /** Expected share of non-members in the list is at most this. */
    fdr: z.number(),
    /** The attack whose scores were ranked: the primary one. */
    scoreId: z.string(),
    calibrationSamples: z.number().int(),
    /** AUC of the same scores between the non-members judged and the calibration samples: 0.5 when they are of one source. */
    nonMembersAgainstCalibration: measured,
    /** A list shorter than this cannot be certified with so few calibration samples. */
    shortestList: z.number().int(),
    count: z.number().int(),
    /** Share of non-members expected in the list that was drawn: the largest q-value in it; 0 for an empty list. */
    expectedFalseShare: z.number(),
    /** Share of non-members in the list, as the audit knows and an attacker would not. */
    realisedFalseShare: measured,
    /** At most 1,000, the surest first; all of them are marked in the column `certifiedMember`. */
    sampleIds: z.array(z.string()),
  })
  .meta({ id: 'CertifiedMembers' });

export const sliceKinds = [
  'label',
  'correct',
  'vulnerabilityDecile',
  'outlierDecile',
  'textLengthDecile',
  'repeated',
] as const;

export const membershipSlices = z
  .strictObject({
    /** The primary attack. */
    scoreId: z.string(),
    slices: z.array(
      z.strictObject({
        slice: z.enum(sliceKinds),
        /** The class, `right` or `wrong`, the decile from 1 (lowest) to 10, `once` or `repeated`. */
        value: z.string(),
        members: z.number().int(),
        nonMembers: z.number().int(),
        auc: measured,
        /** Only rates that have ten expected false positives within the slice. */
        tprAtFpr: z.array(z.strictObject({ fpr: z.number(), measured, realisedFpr: measured })),
        /** Two-sided p-value that the AUC within the slice differs from that of all other samples. */
        pValue: z.number(),
        /** After Benjamini and Hochberg's correction over the slices. */
        adjustedPValue: z.number(),
      }),
    ),
    /** Slices with fewer than 50 samples on a side. */
    tooSmall: z.number().int(),
    /** Slices beyond the 40 largest. */
    beyondLimit: z.number().int(),
  })
  .meta({ id: 'MembershipSlices' });

export const sampleVulnerability = z
  .strictObject({
    referenceModels: z.number().int(),
    /** Mean separation over members and non-members alike, in standard deviations; its spread is that of the samples. */
    meanSeparation: measured,
    /** Samples whose separation is above 2 even at the lower end of its interval. */
    reliablyExposed: z.number().int(),
    /** Their share of all samples. */
    share: measured,
    /** At most 20, the most exposed first, by separation. */
    top: z.array(
      z.strictObject({ sampleId: z.string(), separation: z.number(), standardError: z.number(), member: z.boolean() }),
    ),
  })
  .meta({ id: 'SampleVulnerability' });

export const lossTail = z
  .array(
    z.strictObject({
      /** Share of members allowed to be taken for non-members. */
      fnr: z.number(),
      /** Share of non-members whose loss is above the threshold that so few members exceed. */
      measured,
      realisedFnr: measured,
    }),
  )
  .meta({ id: 'LossTail' });

export const samplesToSettle = z
  .strictObject({
    /** Samples on each side, in all, that would settle an inconclusive verdict. */
    perSide: z.number().int(),
    /** How the number follows. */
    rule: z.string(),
  })
  .meta({ id: 'SamplesToSettle' });
