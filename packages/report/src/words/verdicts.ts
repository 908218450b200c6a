import type { Report } from '@engram/contract';
import type { Verdict } from '@engram/domain';

export const verdictWords: Readonly<Record<Verdict, string>> = {
  leak: 'Leak',
  noLeakFound: 'No leak found',
  inconclusive: 'Inconclusive',
  invalid: 'Invalid',
};

/** The audit's verdict as one plain sentence. Of a test whose controls failed it never says that anything was detected. */
export function verdictSentence({ verdict, membership, extraction, privacyBounds, memorization }: Report): string {
  switch (verdict) {
    case 'leak': {
      const leaks = [
        membership?.verdict === 'leak' ? 'it can be told which records this model was trained on' : null,
        extraction?.verdict === 'leak' ? 'parts of its training data can be got out of this model' : null,
        memorization?.verdict === 'leak' ? 'some records it answers only because it was trained on them' : null,
        privacyBounds?.verdict === 'leak' ? bounded(privacyBounds.claimedEpsilon) : null,
      ].filter((leak) => leak !== null);
      const sentence =
        leaks.length === 0
          ? 'this model gives away what it was trained on'
          : [leaks.slice(0, -1).join(', '), leaks[leaks.length - 1]].filter((part) => part !== '').join(', and ');
      return `${sentence[0].toUpperCase()}${sentence.slice(1)}.`;
    }
    case 'noLeakFound':
      return 'These tests found no sign that this model gives away its training data. Other tests might.';
    case 'inconclusive':
      return 'This audit could not decide: there is too little evidence either way.';
    case 'invalid':
      return 'This audit says nothing about the model: a control failed, so its numbers do not mean what they seem to.';
  }
}

function bounded(claimedEpsilon: number | null): string {
  return claimedEpsilon === null
    ? 'its training surely gives something away'
    : `the privacy claimed for its training, an epsilon of ${claimedEpsilon}, does not hold`;
}
