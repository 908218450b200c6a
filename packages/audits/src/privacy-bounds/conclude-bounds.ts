import type { Gate, PrivacyBound } from '@engram/contract';
import type { Verdict } from '@engram/domain';
import { percent } from '../report/percent.js';

export interface BoundsConclusion {
  readonly verdict: Verdict;
  readonly statement: string;
}

const notEvidence =
  'A low bound is never evidence of privacy: another attack, other canaries or more of them may show more.';

/**
 * What the bounds allow to be said. Rests on the primary bound alone, so that choosing among methods costs nothing.
 *
 * - `invalid`: canaries trained on and left out differ without asking the model, as coins never make them.
 * - `leak`: the bound is above the epsilon that was claimed, or above 0 where none was.
 * - `noLeakFound`: it is not above the claim, though guesses without an error would have been.
 * - `inconclusive`: no guesses could have been; or nothing was claimed and the bound is 0.
 */
export function concludeBounds(
  bounds: readonly PrivacyBound[],
  gates: readonly Gate[],
  claimedEpsilon: number | null,
): BoundsConclusion {
  const failed = gates.find(({ outcome }) => outcome === 'fail');
  if (failed !== undefined)
    return {
      verdict: 'invalid',
      statement: `Which canaries were trained on was not decided by coins: ${failed.statement} No bound holds for these canaries.`,
    };
  const primary = bounds.find((bound) => bound.primary);
  if (primary === undefined || primary.epsilon.status !== 'measured')
    return { verdict: 'inconclusive', statement: 'No bound on epsilon could be computed.' };
  const { value, confidence } = primary.epsilon;
  const level = percent(confidence);
  const bound = `epsilon is at least ${value.toFixed(3)} at delta ${primary.delta}, at ${level} confidence`;
  if (claimedEpsilon === null)
    return value > 0
      ? { verdict: 'leak', statement: `What the model gives away about its training is bounded from below: ${bound}.` }
      : { verdict: 'inconclusive', statement: `No lower bound above 0 was shown. ${notEvidence}` };
  if (value > claimedEpsilon)
    return { verdict: 'leak', statement: `The claim of epsilon ${claimedEpsilon} does not hold: ${bound}.` };
  const attainable = primary.attainable ?? 0;
  return attainable > claimedEpsilon
    ? {
        verdict: 'noLeakFound',
        statement: `The claim of epsilon ${claimedEpsilon} was not refuted: ${value === 0 ? 'no bound above 0 was shown' : bound}. ${notEvidence}`,
      }
    : {
        verdict: 'inconclusive',
        statement: `The claim of epsilon ${claimedEpsilon} could not have been refuted: guesses without an error would have shown ${attainable.toFixed(3)}. More canaries, or more guesses, are needed.`,
      };
}
