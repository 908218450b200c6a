import type { Finding } from '@engram/contract';
import type { Verdict } from '@engram/domain';
import { privacyCeilings } from '@engram/metrics';
import { exposedShare } from '../report/quantities.js';
import type { MeasuredDesign } from './measure-design.js';

/**
 * The claim worth acting on, when there is one. Its number is the share of right guesses; its interval begins where the
 * bound on epsilon would hold every attack, and ends at 1: nothing bounds it from above.
 */
export function boundFindings(
  verdict: Verdict,
  { bounds: [bound], guessed, control }: MeasuredDesign,
  claimedEpsilon: number | null,
): Required<Finding>[] {
  if (verdict !== 'leak' || bound?.epsilon.status !== 'measured') return [];
  const share = guessed.correct / guessed.guesses;
  const { value, confidence } = bound.epsilon;
  const claim = claimedEpsilon === null ? '' : ` The claim was ${claimedEpsilon}.`;
  return [
    {
      id: `privacyBounds.${bound.method}.epsilon`,
      severity: claimedEpsilon !== null || value >= 2 ? 'high' : value >= 0.5 ? 'medium' : 'low',
      statement: `${guessed.correct} of ${guessed.guesses} guesses about what the model was trained on are right, so its epsilon is at least ${value.toFixed(3)} at delta ${bound.delta}.${claim}`,
      // Coins of one run are fair; of trials with and without there may be more of one kind.
      quantity: exposedShare(bound.method === 'oneRun' ? 0.5 : null),
      measured: {
        status: 'measured',
        value: share,
        low: Math.min(share, privacyCeilings(value, bound.delta).accuracy),
        high: 1,
        confidence,
        n: guessed.guesses,
        method: 'exact',
      },
      control,
    },
  ];
}
