import type { Gate } from '@engram/contract';
import { notMeasured } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';

const worrying = 0.01;
const disqualifying = 0.1;

/**
 * Whether non-members are members after all: a sample equal to one that was trained on has been trained on, whatever its
 * mark says. Warns above 1 % of the non-members and fails above 10 %.
 *
 * @param firstLike (n) for each sample judged the first one equal to it; null when the data do not show samples.
 */
export function sharedSamplesGate(
  firstLike: Int32Array | null,
  membership: Uint8Array,
  confidence: number,
): { readonly gate: Gate; readonly shared: number | null } {
  if (firstLike === null) {
    const reason = 'the datasets do not show the samples themselves';
    return {
      shared: null,
      gate: {
        gate: 'sharedSamples',
        outcome: 'notRun',
        measured: notMeasured('ENG_NOT_REQUESTED', reason),
        statement: `not run: ${reason}.`,
      },
    };
  }
  const trained = new Set<number>();
  membership.forEach((member, row) => {
    if (member === 1) trained.add(firstLike[row]);
  });
  let shared = 0;
  let nonMembers = 0;
  membership.forEach((member, row) => {
    if (member === 1) return;
    nonMembers += 1;
    if (trained.has(firstLike[row])) shared += 1;
  });
  const share = nonMembers === 0 ? 0 : shared / nonMembers;
  const outcome = share > disqualifying ? 'fail' : share > worrying ? 'warn' : 'pass';
  return {
    shared,
    gate: {
      gate: 'sharedSamples',
      outcome,
      measured: clopperPearson(shared, nonMembers, confidence),
      statement:
        outcome === 'pass'
          ? `${shared} of ${nonMembers} non-members equal a member.`
          : `${shared} of ${nonMembers} non-members equal a member and were trained on all the same${outcome === 'fail' ? `; more than ${100 * disqualifying} % cannot be judged` : ''}. Remove them from the non-members.`,
    },
  };
}
