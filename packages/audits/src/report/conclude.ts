import type { Finding, Report } from '@engram/contract';
import type { Verdict } from '@engram/domain';

type Sections = Pick<
  Report,
  'membership' | 'extraction' | 'unlearningDifficulty' | 'labelMemorization' | 'memorization' | 'privacyBounds'
>;

/**
 * The verdict over all tests: valid evidence of a leak stands whatever another test could not show; a failed gate
 * outweighs silence elsewhere; silence is only as good as its weakest test. Difficulty has no verdict: it says how hard,
 * not whether; nor has label memorization, which is about capacity and the data.
 */
export function overallVerdict({ membership, extraction, memorization, privacyBounds }: Sections): Verdict {
  const verdicts = [membership, extraction, memorization, privacyBounds]
    .map((section) => section?.verdict)
    .filter((verdict) => verdict !== undefined);
  for (const verdict of ['leak', 'invalid', 'inconclusive'] as const) if (verdicts.includes(verdict)) return verdict;
  return verdicts.length === 0 ? 'inconclusive' : 'noLeakFound';
}

/** The report in a few sentences, in the order a reader needs them: what was found, how sure, what to do. */
export function summarize(verdict: Verdict, sections: Sections, findings: readonly Finding[]): string[] {
  const sentences: string[] = [];
  const { membership, extraction, unlearningDifficulty, labelMemorization, memorization, privacyBounds } = sections;
  if (membership !== null) sentences.push(membership.statement);
  if (extraction !== null) sentences.push(extraction.statement);
  if (unlearningDifficulty !== null) sentences.push(unlearningDifficulty.statement);
  if (labelMemorization !== undefined) sentences.push(labelMemorization.statement);
  if (memorization !== undefined) sentences.push(memorization.statement);
  if (privacyBounds !== undefined) sentences.push(privacyBounds.statement);
  return [...sentences, ...adviceFor(verdict, sections, findings)];
}

/** What to do, test by test: one may have found a leak where another could not be judged. */
function adviceFor(
  verdict: Verdict,
  { membership, extraction, memorization, privacyBounds }: Sections,
  findings: readonly Finding[],
): string[] {
  const advice: string[] = [];
  if (extraction?.verdict === 'leak')
    advice.push(
      'Treat the training texts concerned as recoverable by whoever can query this model: restrict access, or retrain with duplicates removed, fewer epochs or differential privacy, and audit again.',
    );
  if (membership?.verdict === 'leak')
    advice.push(
      findings.some(({ id, severity }) => id.startsWith('membership.') && severity !== 'low' && severity !== 'info')
        ? 'Whoever can query this model can tell for part of the records whether they were trained on: where that alone is sensitive restrict access, or retrain with fewer epochs, regularization or differential privacy, and audit again.'
        : 'The difference is small: it shows over many records, and says little about any single one.',
    );
  if (memorization?.verdict === 'leak')
    advice.push(
      'Look at the memorised records first: rare, mislabelled or personal ones among them are what the model holds by heart. Removing them from training may expose others; measure again afterwards.',
    );
  if (privacyBounds?.verdict === 'leak')
    advice.push(
      privacyBounds.claimedEpsilon === null
        ? 'Promise no epsilon below the bound for a model trained so; where that is too much, train with more noise or fewer epochs and plant new canaries.'
        : 'Withdraw the claim on epsilon until its cause is found: look at clipping, sampling and noise of the training, and audit again with new canaries.',
    );
  if (membership?.verdict === 'invalid')
    advice.push(
      'For membership, give members and non-members from the same source, split at random before training, and audit again.',
    );
  if (extraction?.verdict === 'invalid')
    advice.push(
      'For extraction, give controls of the same source as the training texts, and canaries whose secrets were drawn at random, and audit again.',
    );
  if (privacyBounds?.verdict === 'invalid')
    advice.push(
      'For bounds on epsilon, throw a fair coin for each canary before training, and give all of them whichever way it fell.',
    );
  if (verdict === 'noLeakFound')
    advice.push(
      'This is what these tests could see at this access level; it is not a proof that nothing was memorised.',
    );
  return advice;
}
