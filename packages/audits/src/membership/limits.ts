import type { ReferenceSignals } from '@engram/attacks';
import type { Gate, MembershipReport } from '@engram/contract';
import type { SharedSamples } from '../tasks/score-blind-baseline.js';
import { type ScoredAttack, testsOf } from './run-attack.js';
import { limitsOfTies } from './tied-scores.js';

export interface Limiting {
  readonly results: readonly ScoredAttack[];
  readonly skipped: MembershipReport['skipped'];
  readonly gates: readonly Gate[];
  readonly reference: ReferenceSignals | undefined;
  /** Whether the target told no more than which class it says. */
  readonly labelsAlone: boolean;
  /** (judged) 1 = member. */
  readonly membership: Uint8Array;
  readonly shared: SharedSamples | null;
  /** Share of the target's probabilities that are 0 or 1 to their precision. */
  readonly clippedShare: number;
  /** The same of recorded outputs of reference models. */
  readonly referenceClippedShare: number;
  /** Texts too short to say anything. */
  readonly unscored: number;
  /** Models trained as the target was, and attacked beside it. */
  readonly retrained: number;
  /** The test of membership named beforehand. */
  readonly named: string | undefined;
}

/** What the numbers of an audit do not say, most general first. */
export function limitsOf(limiting: Limiting): string[] {
  const { results, skipped, retrained } = limiting;
  const limits = [
    retrained === 0
      ? 'One training run of the target was judged: another run of the same recipe may expose other samples.'
      : `The verdict and every interval over samples are of the audited model: one run of its recipe. ${retrained} more runs, trained here by the recipe as it was stated, stand beside it.`,
    ...aboutReferences(limiting),
    ...aboutData(limiting),
    ...aboutPrimary(limiting),
    ...limitsOfTies(results, limiting.membership),
  ];
  const rankings = results.filter(({ result }) => result.ranks === 'vulnerability').map(({ result }) => result.scoreId);
  const one = rankings.length === 1;
  if (rankings.length > 0)
    limits.push(
      `Not ${one ? 'a test' : 'tests'} of membership: ${rankings.join(', ')}. ${one ? 'It ranks' : 'They rank'} members by how exposed they are. A non-member's value is not what it would have been as a member, so ${one ? 'its' : 'their'} AUC is no sign of a leak, and one below 0.5 none of safety; the verdict takes no account of ${one ? 'it' : 'them'}.`,
    );
  if (skipped.length > 0)
    limits.push(`${skipped.length} of the attacks asked for could not run; the reasons stand with them.`);
  return limits;
}

function aboutReferences({ reference, labelsAlone }: Limiting): string[] {
  if (labelsAlone)
    return [
      'Labels alone were read of the target: how sure it is of them, which usually gives more away, was not looked at.',
    ];
  if (reference === undefined)
    return [
      'No reference models: only attacks that compare samples with each other ran. Calibrated attacks usually find more.',
    ];
  if (reference.models >= 16) return [];
  return [
    `${reference.models} reference models: 16 or more are advised for true positive rates at low false positive rates.`,
  ];
}

function aboutData({ gates, clippedShare, referenceClippedShare, shared, unscored, membership }: Limiting): string[] {
  const limits: string[] = [];
  const blind = gates.find(({ gate, outcome }) => gate === 'blindBaseline' && outcome === 'notRun');
  if (blind !== undefined)
    limits.push(
      blind.measured.status === 'measured'
        ? 'The blind baseline saw labels alone, so a difference between the two groups in anything else would go unseen.'
        : 'The blind baseline did not run, so a difference between the two groups other than membership would go unseen.',
    );
  if (clippedShare > 0)
    limits.push(`${(100 * clippedShare).toFixed(1)} % of the probabilities were saturated; logits would say more.`);
  if (referenceClippedShare > 0)
    limits.push(
      `${(100 * referenceClippedShare).toFixed(1)} % of the probabilities of the reference models were saturated; logits would say more.`,
    );
  const twins = shared === null ? 0 : Math.max(shared.exact, shared.near ?? 0);
  if (twins > 0)
    limits.push(
      `${twins} of the non-members ${shared?.near === null ? 'equal a member' : 'equal or nearly equal a member'}: no attack can tell these apart, and the numbers are lower for it.`,
    );
  if (shared !== null && shared.calibration > 0)
    limits.push(
      `${shared.calibration} of the samples set aside equal a judged one: thresholds set on them have seen what they judge. Set samples aside that are neither members nor non-members.`,
    );
  if (unscored > 0)
    limits.push(
      `Texts of fewer than two tokens say nothing of a model and stand in the middle of the ranking: ${unscored} of ${membership.length}.`,
    );
  return limits;
}

function aboutPrimary({ results, named }: Limiting): string[] {
  const [primary] = testsOf(results);
  if (primary === undefined || primary.result.scoreId === named) return [];
  return [
    `The attack named beforehand, ${named}, could not run; ${primary.result.scoreId}, the next in order, stands in for it.`,
  ];
}
