import type { PrivacyBoundsReport } from '@engram/contract';
import type { Json, TaskSpec } from '@engram/domain';
import { deriveSeed } from '@engram/numeric';
import { boundFindings } from '../privacy-bounds/bound-findings.js';
import { boundsLimits } from '../privacy-bounds/bounds-limits.js';
import { canaryScores } from '../privacy-bounds/canary-scores.js';
import { concludeBounds } from '../privacy-bounds/conclude-bounds.js';
import { measureDesign } from '../privacy-bounds/measure-design.js';
import type { PrivacyBoundsDecisions } from '../privacy-bounds/privacy-bounds-decisions.js';
import { openAuditRows, vector } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';
import { readBlindBaseline } from './score-blind-baseline.js';

/**
 * Lower bounds on epsilon from canaries included by coins, or from trainings with and without one. Leaves the section
 * `section` of the report, `findings`, and what rows were ranked by (`column.canaryScore`, NaN for samples set aside).
 */
export async function boundPrivacy(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const decisions = param<PrivacyBoundsDecisions>(task, 'decisions');
  const rows = await openAuditRows(context);
  const ranked = canaryScores(await readBundle(context, 'signals'), decisions.score, deriveSeed(task.seed, 'score'));
  const isCanary = (_: unknown, i: number) => rows.calibration[i] === 0;
  const included = rows.membership.filter(isCanary);
  const gates = context.inputs.blind === undefined ? [] : [readBlindBaseline(await readBundle(context, 'blind')).gate];
  const design = measureDesign(decisions, ranked.filter(isCanary), included, deriveSeed(task.seed, 'bounds'));
  const { bounds } = design;
  const { verdict, statement } = concludeBounds(bounds, gates, decisions.claimedEpsilon);
  const trained = included.reduce((sum, one) => sum + one, 0);
  const section: PrivacyBoundsReport = {
    verdict,
    statement,
    design: decisions.design,
    score: decisions.score as PrivacyBoundsReport['score'],
    included: trained,
    leftOut: included.length - trained,
    significance: decisions.significance,
    delta: decisions.delta,
    claimedEpsilon: decisions.claimedEpsilon,
    gates,
    bounds: [...bounds],
    limits: boundsLimits(decisions, included.length, gates),
  };
  const findings = boundFindings(verdict, design, decisions.claimedEpsilon);
  const column = ranked.map((score, i) => (rows.calibration[i] === 1 ? Number.NaN : score));
  return {
    bundle: {
      arrays: { 'column.canaryScore': vector(column) },
      meta: { section: section as unknown as Json, findings: findings as unknown as Json },
    },
    facts: { verdict, findings: findings as unknown as Json },
  };
}
