import type { Finding, MemorizationSummary, RememberedByTarget } from '@engram/contract';
import type { Measured, Verdict } from '@engram/domain';
import { exposedShare, meanMemorization } from '../report/quantities.js';
import { falseDiscoveryRate } from './summarize.js';

/** Table of minimum bank sizes: fewer models leave estimates too coarse to call silence an answer. */
export const enoughModels = { soft: 32, hard: 200, influence: 500, onion: 16 } as const;

/** A share of memorised members that may go unseen where nothing is found. */
const negligibleShare = 0.05;

export interface MemorizationEvidence {
  readonly measure: 'soft' | 'hard';
  readonly models: number;
  readonly threshold: number;
  readonly members: MemorizationSummary;
  readonly target: RememberedByTarget;
}

/**
 * What follows for the audited model. Memorization is a property of recipe and data: the masks are random, so no
 * difference between members and non-members can feign it, but a verdict is about one model.
 *
 * - `leak`: members are memorised at a false discovery rate of 5 %, and the target answers these better than models that
 *   never saw them, by more than it does certified non-members.
 * - `noLeakFound`: none is, the bank has the models its measure needs, and at most 5 % of the members even look so.
 * - `inconclusive`: anything else.
 */
export function concludeMemorization(evidence: MemorizationEvidence): {
  readonly verdict: Verdict;
  readonly statement: string;
} {
  const { members, target, threshold, models, measure } = evidence;
  const certified = countOf(members.certified);
  const by = `by more than ${threshold}`;
  if (certified > 0) {
    const known = isAbove(target.difference, 0);
    return {
      verdict: known ? 'leak' : 'inconclusive',
      statement: `${certified} of ${members.samples} members are memorised ${by} at a false discovery rate of ${percent(falseDiscoveryRate)}: models answer them right because they were trained on them. ${
        known
          ? 'The audited model knows these members and not such non-members.'
          : 'This is shown for models of this recipe; that the audited model knows them was not.'
      }`,
    };
  }
  const enough = models >= enoughModels[measure];
  const few = members.above.status === 'measured' && members.above.high <= negligibleShare;
  return {
    verdict: enough && few ? 'noLeakFound' : 'inconclusive',
    statement: `No member is shown to be memorised ${by}${
      enough
        ? few
          ? `, and at most ${percent((members.above as { high: number }).high)} of the members could be.`
          : ', but estimates scatter too widely to rule it out.'
        : `; ${models} models are too few to rule it out, ${enoughModels[measure]} are needed.`
    }`,
  };
}

/** Claims about memorised members, each beside its control. */
export function memorizationFindings(verdict: Verdict, evidence: MemorizationEvidence): Required<Finding>[] {
  const { members, target, threshold } = evidence;
  const certified = countOf(members.certified);
  if (certified === 0) return [];
  const findings: Required<Finding>[] = [
    {
      id: `memorization.members@${threshold}`,
      severity: verdict === 'leak' ? severityOf(members.certified) : 'low',
      statement: `${certified} of ${members.samples} members are memorised: training on them raises how surely they are answered by more than ${threshold}.`,
      quantity: exposedShare(null),
      measured: members.certified,
      control: members.certifiedMirrored,
    },
  ];
  if (verdict === 'leak')
    findings.push({
      id: 'memorization.target',
      severity: severityOf(members.certified),
      statement: 'The audited model answers the memorised members better than models that never saw them.',
      quantity: meanMemorization,
      measured: target.members,
      control: target.nonMembers,
    });
  return findings;
}

function severityOf(share: Measured): Finding['severity'] {
  if (share.status !== 'measured') return 'low';
  if (share.low >= 0.1) return 'high';
  return share.low >= 0.01 ? 'medium' : 'low';
}

function countOf(share: Measured): number {
  return share.status === 'measured' ? Math.round(share.value * share.n) : 0;
}

function isAbove(measured: Measured, level: number): boolean {
  return measured.status === 'measured' && measured.low > level;
}

function percent(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(2))} %`;
}
