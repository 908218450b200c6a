import { verdicts } from '@engram/domain';
import { z } from 'zod';
import { auditId } from './identifiers.js';
import { labelMemorizationReport } from './label-memorization-report.js';
import { measured } from './measured.js';
import {
  aboveAllNonMembers,
  attackAdvantage,
  blindBaselineNumbers,
  certifiedMembers,
  lossTail,
  membershipSlices,
  pairedComparison,
  samplesToSettle,
  sampleVulnerability,
  tprAtFpr,
} from './membership-numbers.js';
import {
  columnCorrelation,
  influenceReport,
  memorizationSummary,
  memorizedSample,
  onionReport,
  rememberedByTarget,
} from './memorization-report.js';
import { privacyBound } from './privacy-bounds-report.js';
import { quantity } from './quantity.js';
import { retrainedTargetsReport } from './retrained-targets-report.js';
import { membershipInformation, membershipTraceability } from './traceability-report.js';

export const verdict = z.enum(verdicts).meta({ id: 'Verdict' });

export const severities = ['high', 'medium', 'low', 'info'] as const;

export const finding = z
  .strictObject({
    /** What is claimed and where: `membership.lira.tpr@0.001`. Stable across audits. */
    id: z.string(),
    severity: z.enum(severities),
    /** One plain sentence. */
    statement: z.string(),
    /** What both numbers count. Absent from findings that were stored before it was told. */
    quantity: quantity.optional(),
    measured,
    /** The same quantity on the matched control, or why there is none. */
    control: measured,
  })
  .meta({ id: 'Finding' });

export const gateOutcomes = ['pass', 'inconclusive', 'warn', 'fail', 'notRun'] as const;

export const gate = z
  .strictObject({
    gate: z.enum(['blindBaseline', 'sharedSamples', 'modelSwap', 'splitHalf']),
    outcome: z.enum(gateOutcomes),
    measured,
    statement: z.string(),
  })
  .meta({ id: 'Gate' });

export const rocCurve = z
  .strictObject({
    fpr: z.array(z.number()),
    tpr: z.array(z.number()),
    /** Pointwise interval of the true positive rate at the audit's confidence. */
    low: z.array(z.number()),
    high: z.array(z.number()),
  })
  .meta({ id: 'RocCurve' });

export const histogram = z
  .strictObject({
    /** bins + 1 edges, ascending. */
    edges: z.array(z.number()),
    /** Share of members per bin. */
    members: z.array(z.number()),
    nonMembers: z.array(z.number()),
  })
  .meta({ id: 'Histogram' });

export const attackResult = z
  .strictObject({
    /** Id of the attack in the catalog: `lira`. */
    attack: z.string(),
    /** Unique within the report, and the name of its column in the per-sample table: `lira-offline-global`. */
    scoreId: z.string(),
    params: z.record(z.string(), z.json()),
    /** Set where the score ranks members by how exposed they are and is no evidence on who is one. */
    ranks: z.literal('vulnerability').optional(),
    /** The attack named before the run; the others are exploratory. */
    primary: z.boolean(),
    direction: z.literal('higherIsMember'),
    auc: measured,
    /** One-sided p-value of members scoring above non-members (Mann-Whitney). */
    pValue: z.number(),
    /** After Holm's correction over the exploratory attacks; that of the primary attack is its p-value. */
    adjustedPValue: z.number(),
    /** Against the primary attack; null for that one itself. */
    againstPrimary: pairedComparison.nullable(),
    tprAtFpr: z.array(tprAtFpr),
    aboveAllNonMembers,
    advantage: attackAdvantage,
    roc: rocCurve,
    histogram,
    /** One-sided p-value of the paired DeLong test that the attack beats the blind baseline, when that gate ran. */
    pValueAgainstBlind: z.number().nullable(),
    /** AUC of the attack less that of the blind baseline, on the samples that one looked at. */
    aucAboveBlind: measured.nullable(),
    /** The same attack, same statistic, with a reference model in the target's place. */
    control: measured,
    referenceModels: z.number().int().nonnegative(),
  })
  .meta({ id: 'AttackResult' });

export const membershipReport = z
  .strictObject({
    verdict,
    statement: z.string(),
    /** What would settle an inconclusive verdict; null otherwise. */
    samplesToSettle: samplesToSettle.nullable(),
    members: z.number().int(),
    nonMembers: z.number().int(),
    gates: z.array(gate),
    /** What the blind-baseline gate rests on; null when it did not run. */
    blindBaseline: blindBaselineNumbers.nullable(),
    attacks: z.array(attackResult),
    /** How completely members have left the high-loss tail: the plain loss attack turned round, without references. */
    lossTail,
    /** Null unless asked for; none is drawn when a gate failed. */
    certified: certifiedMembers.nullable(),
    /** Null when not asked for, or when no attack could be run. */
    slices: membershipSlices.nullable(),
    /** From the bank of reference models; null with fewer than eight, or where they trained on none of the samples. */
    vulnerability: sampleVulnerability.nullable(),
    /** Members the primary attack points at while hardly accusing fresh records; absent when a gate failed or none ran. */
    traceability: membershipTraceability.optional(),
    /** What the primary attack's scores prove about which samples were trained on; absent likewise. */
    cmi: membershipInformation.optional(),
    /** One run of the recipe is one draw: the attacks on others. Absent when not asked for. */
    retrainedTargets: retrainedTargetsReport.optional(),
    /** Attacks of the request that could not run, with the reason. */
    skipped: z.array(z.strictObject({ attack: z.string(), code: z.string(), reason: z.string() })),
    referenceModels: z
      .strictObject({
        count: z.number().int(),
        recipe: z.record(z.string(), z.json()),
        recipeFrom: z.enum(['request', 'manifest', 'default', 'given']),
        /** Mean accuracy of references on samples they were and were not trained on. */
        accuracyIn: z.number().nullable(),
        accuracyOut: z.number().nullable(),
      })
      .nullable(),
    target: z.strictObject({
      accuracyMembers: measured,
      accuracyNonMembers: measured,
      /** Nothing but the target's labels was read: it told no more, or its owner let it tell no more. */
      labelsAlone: z.literal(true).optional(),
    }),
    limits: z.array(z.string()),
  })
  .meta({ id: 'MembershipReport' });

/** How one text was reproduced, token by token: what the heat strip shows. */
export const heatStrip = z
  .strictObject({
    sampleId: z.string(),
    dataset: z.string(),
    /** Pieces of text as the request allows them to be shown: redacted, hidden (empty strings) or as they are. */
    tokens: z.array(z.string()),
    /** Probability the model gives each token, given all before it. The first has none: null. */
    probabilities: z.array(z.number().nullable()),
    prefixTokens: z.number().int(),
    suffixProbability: z.number(),
    label: z.string(),
  })
  .meta({ id: 'HeatStrip' });

export const extractionReport = z
  .strictObject({
    verdict,
    statement: z.string(),
    prefixSuffix: z
      .strictObject({
        prefixTokens: z.number().int(),
        suffixTokens: z.number().int(),
        records: z.number().int(),
        controls: z.number().int(),
        /** Records left out, by reason: too short for a prefix and a suffix, degenerate. */
        excluded: z.record(z.string(), z.number().int()),
        decoders: z.array(
          z.strictObject({
            decoder: z.string(),
            /** Share of records whose suffix is emitted with probability >= 1/2 in one draw (greedy: exactly). */
            rate: measured,
            controlRate: measured,
            /** Extraction-rate curve: share of records emitted at least once in n draws with probability >= p. */
            curve: z.strictObject({
              draws: z.array(z.number()),
              atLeast: z.number(),
              rate: z.array(z.number()),
              controlRate: z.array(z.number()),
            }),
          }),
        ),
        labels: z.strictObject({
          memorized: measured,
          extractable: z.array(z.strictObject({ draws: z.number(), measured })),
          common: measured,
          notShown: measured,
        }),
        /** Members against controls by the same suffix log-probability. */
        controlsGate: gate,
        strips: z.array(heatStrip),
      })
      .nullable(),
    exposure: z
      .strictObject({
        spaceBits: z.number(),
        references: z.number().int(),
        estimator: z.enum(['exact', 'sampled', 'extrapolated']),
        canaries: z.array(
          z.strictObject({
            sampleId: z.string(),
            repetitions: z.number().int(),
            exposureBits: z.number(),
            pValue: z.number(),
            extrapolatedBits: z.number().nullable(),
          }),
        ),
        byRepetitions: z.array(
          z.strictObject({
            repetitions: z.number().int(),
            count: z.number().int(),
            exposureBits: measured,
            /** Share of canaries with p-value <= 0.01. */
            shareDetected: measured,
          }),
        ),
        /** Never-planted canaries must follow 2^-x: mean 1.4427 bits. */
        nullCheck: z.strictObject({ outcome: z.enum(gateOutcomes), measured, statement: z.string() }),
      })
      .nullable(),
    limits: z.array(z.string()),
  })
  .meta({ id: 'ExtractionReport' });

export const difficultyReport = z
  .strictObject({
    statement: z.string(),
    estimators: z.array(
      z.strictObject({
        estimator: z.string(),
        /** `estimate`: one recorded trajectory; `heuristic`: outside the theory's conditions; `weak`: final model only. */
        kind: z.enum(['estimate', 'heuristic', 'weak']),
        source: z.enum(['recordedTraining', 'surrogateTraining', 'finalModel']),
        settings: z.record(z.string(), z.json()),
        /** Five bins of equal size, easiest first. */
        bins: z.array(
          z.strictObject({
            bin: z.number().int(),
            count: z.number().int(),
            median: z.number(),
            low: z.number(),
            high: z.number(),
          }),
        ),
        notes: z.array(z.string()),
      }),
    ),
    verification: z
      .strictObject({
        method: z.string(),
        settings: z.record(z.string(), z.json()),
        tolerance: z.number(),
        forgetSets: z.array(
          z.strictObject({
            set: z.number().int(),
            size: z.number().int(),
            medianDifficulty: z.number(),
            /** Gap of mean logit confidence between original and retrained models before unlearning. */
            gapBefore: measured,
            gapAfter: measured,
            /** Steps of noisy fine-tuning until the gap stays within tolerance; at the budget when censored. */
            stepsToRetrainLevel: measured,
            censored: z.boolean(),
            /** Loss of accuracy on the non-members at that step, a fraction; positive = worse. */
            damage: measured,
            curve: z.strictObject({ steps: z.array(z.number()), gap: z.array(z.number()) }),
          }),
        ),
        /** Spearman of each estimator with the measured steps and gaps, over forget sets. */
        rankCorrelation: z.array(
          z.strictObject({ estimator: z.string(), against: z.enum(['steps', 'gapBefore']), measured }),
        ),
        /** Per-sample rank correlation with the gap before unlearning. */
        sampleRankCorrelation: z.array(z.strictObject({ estimator: z.string(), measured })),
      })
      .nullable(),
    /** Ids of the hardest and the easiest records by the first estimator, at most 20 each. */
    hardest: z.array(z.strictObject({ sampleId: z.string(), difficulty: z.number() })),
    easiest: z.array(z.strictObject({ sampleId: z.string(), difficulty: z.number() })),
    limits: z.array(z.string()),
  })
  .meta({ id: 'DifficultyReport' });

export const privacyBoundsReport = z
  .strictObject({
    verdict,
    statement: z.string(),
    design: z.enum(['oneRun', 'independentTrials']),
    /** What canaries were ranked by. */
    score: z.strictObject({ attack: z.string(), scoreId: z.string(), params: z.record(z.string(), z.json()) }),
    /** Canaries of the one run, or trials: trained on (with it), and left out (without). */
    included: z.number().int(),
    leftOut: z.number().int(),
    significance: z.number(),
    delta: z.number(),
    claimedEpsilon: z.number().nullable(),
    /** Whether canaries trained on and left out differ without asking the model, as a coin never makes them. */
    gates: z.array(gate),
    bounds: z.array(privacyBound),
    limits: z.array(z.string()),
  })
  .meta({ id: 'PrivacyBoundsReport' });

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
    typicality: z.strictObject({ consistency: measured, agreement: measured }),
    /** Null when not asked for, or without a population all models answered. */
    influence: influenceReport.nullable(),
    onion: onionReport.nullable(),
    correlations: z.array(columnCorrelation),
    limits: z.array(z.string()),
  })
  .meta({ id: 'MemorizationReport' });

export const report = z
  .strictObject({
    auditId,
    schema: z.literal('engram.report/1'),
    name: z.string(),
    verdict,
    /** The whole in a few plain sentences, most important first. */
    summary: z.array(z.string()),
    findings: z.array(finding),
    membership: membershipReport.nullable(),
    extraction: extractionReport.nullable(),
    unlearningDifficulty: difficultyReport.nullable(),
    /** Absent when not asked for. */
    labelMemorization: labelMemorizationReport.optional(),
    /** Absent when not asked for. */
    privacyBounds: privacyBoundsReport.optional(),
    /** Absent when not asked for. */
    memorization: memorizationReport.optional(),
    samples: z.strictObject({ count: z.number().int(), columns: z.array(z.string()) }),
    reproduce: z.strictObject({
      request: z.record(z.string(), z.json()),
      seed: z.number().int(),
      digests: z.record(z.string(), z.string()),
      versions: z.record(z.string(), z.string()),
      hardware: z.record(z.string(), z.json()),
    }),
  })
  .meta({ id: 'Report' });

export type Finding = z.infer<typeof finding>;
export type Gate = z.infer<typeof gate>;
export type AttackResult = z.infer<typeof attackResult>;
export type MembershipReport = z.infer<typeof membershipReport>;
export type ExtractionReport = z.infer<typeof extractionReport>;
export type HeatStrip = z.infer<typeof heatStrip>;
export type DifficultyReport = z.infer<typeof difficultyReport>;
export type PrivacyBoundsReport = z.infer<typeof privacyBoundsReport>;
export type MemorizationReport = z.infer<typeof memorizationReport>;
export type Report = z.infer<typeof report>;
