import type { LabelMemorizationReport, MemorizationReport } from '@engram/contract';
import { formatCount } from '../numbers/format-number.js';
import type { Advice } from './advice.js';

/** What to do about records a model answers only because it was trained on them. */
export function memorizationAdvice({ verdict, statement, onion, members }: MemorizationReport): Advice[] {
  if (verdict === 'inconclusive')
    return members.certified.status === 'measured' && members.certified.value > 0
      ? []
      : [{ action: 'Estimate memorization again with more reference models.', because: statement }];
  if (verdict !== 'leak') return [];
  const exposesOthers = onion?.newlyExposed.difference.status === 'measured' && onion.newlyExposed.difference.low > 0;
  return [
    {
      action: `Look through the most memorised records, take out what nobody should learn from the model, train again and ${
        exposesOthers ? 'audit again: here deleting the exposed exposed others.' : 'audit again.'
      }`,
      because: statement,
    },
  ];
}

/** Labels worth a second look, whatever the verdict. */
export function labelAdvice({ review }: LabelMemorizationReport): Advice[] {
  if (review === null || review.listed.length === 0) return [];
  return [
    {
      action: `Have a person look at the ${formatCount(review.listed.length)} labels listed for review.`,
      because: 'They look most like labels that were flipped on purpose; being listed does not make a label wrong.',
    },
  ];
}
