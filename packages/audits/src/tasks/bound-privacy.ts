import { parseAttackRequest } from '@engram/attacks';
import type { PrivacyBoundsReport } from '@engram/contract';
import type { Json, TaskSpec } from '@engram/domain';
import { deriveSeed } from '@engram/numeric';
import type { PrivacyBoundsDecisions } from '../decisions.js';
import { boundFindings } from '../privacy-bounds/bound-findings.js';
import { boundsLimits } from '../privacy-bounds/bounds-limits.js';
import { concludeBounds } from '../privacy-bounds/conclude-bounds.js';
import { measureDesign } from '../privacy-bounds/measure-design.js';
import { openAuditRows, vector } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';
import { readSignals } from './membership-signals.js';
import { readBlindBaseline } from './score-blind-baseline.js';

/**
 * Lower bounds on epsilon from canaries included by coins, or from trainings with and without one. Leaves the section
 * `section` of the report, `findings`, and what rows were ranked by (`column.canaryScore`, NaN for samples set aside).
 */
export async function boundPrivacy(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const decisions = param<PrivacyBoundsDecisions>(task, 'decisions');
  const rows = await openAuditRows(context);
  const attack = parseAttackRequest({ attack: decisions.score.attack, ...decisions.score.params });
  const { signals } = await readSignals(context, rows, await readBundle(context, 'signals'), [attack]);
  const ranked = attack.score(signals, { seed: deriveSeed(task.seed, 'score') });
  const included = rows.membership.subarray(0, rows.judged);
  const gates = context.inputs.blind === undefined ? [] : [readBlindBaseline(await readBundle(context, 'blind')).gate];
  const design = measureDesign(decisions, ranked.subarray(0, rows.judged), included, deriveSeed(task.seed, 'bounds'));
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
  const column = ranked.map((score, i) => (i < rows.judged ? score : Number.NaN));
  return {
    bundle: {
      arrays: { 'column.canaryScore': vector(column) },
      meta: { section: section as unknown as Json, findings: findings as unknown as Json },
    },
    facts: { verdict, findings: findings as unknown as Json },
  };
}
