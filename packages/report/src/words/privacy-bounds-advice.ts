import type { PrivacyBoundsReport } from '@engram/contract';
import type { Advice } from './advice.js';

/** What a bound on epsilon asks for: nothing where a claim stood, for a low bound is no evidence of privacy either. */
export function privacyBoundsAdvice({ verdict, statement, claimedEpsilon }: PrivacyBoundsReport): Advice[] {
  switch (verdict) {
    case 'invalid':
      return [
        {
          action: 'Plant canaries anew, let independent coins decide which are trained on, and audit again.',
          because: statement,
        },
      ];
    case 'leak':
      return claimedEpsilon === null
        ? [
            {
              action: 'Promise no epsilon below the bound, and train with more noise if it must be smaller.',
              because: statement,
            },
          ]
        : [
            {
              action:
                'Withdraw the epsilon claimed, and look for the fault: clipping per sample, the scale of the noise, how batches are drawn, and how steps are counted.',
              because: statement,
            },
          ];
    case 'inconclusive':
      return [{ action: 'Plant more canaries, 1,000 are usual, and audit again.', because: statement }];
    case 'noLeakFound':
      return [];
  }
}
