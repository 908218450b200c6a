import type { TaskKind, TaskSpec } from '@engram/domain';
import { boundPrivacy } from './bound-privacy.js';
import { collectReferenceSignals } from './collect-reference-signals.js';
import { collectSignals } from './collect-signals.js';
import { collectTokenSignals } from './collect-token-signals.js';
import type { TaskContext, TaskResult } from './context.js';
import { estimateDifficulty } from './estimate-difficulty.js';
import { estimateMemorization } from './estimate-memorization.js';
import { findNearDuplicates } from './find-near-duplicates.js';
import { measureTarget } from './measure-target/measure-target.js';
import { probeUnlearning } from './probe-unlearning.js';
import { scoreAttack } from './score-attack.js';
import { scoreBlindBaseline } from './score-blind-baseline.js';
import { scoreConsistency } from './score-consistency.js';
import { scoreExposure } from './score-exposure.js';
import { scoreExtraction } from './score-extraction.js';
import { scoreLabelMemorization } from './score-label-memorization.js';
import { scoreMembership } from './score-membership.js';
import { trainLabelNoise } from './train-label-noise.js';
import { trainRecorded } from './train-recorded.js';
import { trainReference } from './train-reference.js';
import { trainWithoutExposed } from './train-without-exposed.js';
import { writeReport } from './write-report.js';

type TaskFunction = (task: TaskSpec, context: TaskContext) => Promise<TaskResult>;

/** One function for every kind of task; a missing one does not compile. */
const taskFunctions: Readonly<Record<TaskKind, TaskFunction>> = {
  'collect-signals': collectSignals,
  'collect-token-signals': collectTokenSignals,
  'measure-target': measureTarget,
  'train-reference': trainReference,
  'collect-reference-signals': collectReferenceSignals,
  'train-recorded': trainRecorded,
  'probe-unlearning': probeUnlearning,
  'train-label-noise': trainLabelNoise,
  'score-blind-baseline': scoreBlindBaseline,
  'score-attack': scoreAttack,
  'score-membership': scoreMembership,
  'score-extraction': scoreExtraction,
  'score-exposure': scoreExposure,
  'estimate-difficulty': estimateDifficulty,
  'score-label-memorization': scoreLabelMemorization,
  'bound-privacy': boundPrivacy,
  'estimate-memorization': estimateMemorization,
  'score-consistency': scoreConsistency,
  'train-without-exposed': trainWithoutExposed,
  'find-near-duplicates': findNearDuplicates,
  'write-report': writeReport,
};

/**
 * Runs one task of a plan. Pure but for the artifact store: the same spec and inputs give the same bundle, wherever and
 * however often it runs.
 */
export function runTask(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  return taskFunctions[task.kind](task, context);
}
