import type { Finding, Report } from '@engram/contract';
import type { Verdict } from '@engram/domain';

type Sections = Pick<Report, 'membership' | 'extraction' | 'unlearningDifficulty'>;

/**
 * The verdict over all tests: valid evidence of a leak stands whatever another test could not show; a failed gate
 * outweighs silence elsewhere; silence is only as good as its weakest test. Difficulty has no verdict: it says how hard,
 * not whether.
 */
export function overallVerdict({ membership, extraction }: Sections): Verdict {
  const verdicts = [membership?.verdict, extraction?.verdict].filter((verdict) => verdict !== undefined);
  for (const verdict of ['leak', 'invalid', 'inconclusive'] as const) if (verdicts.includes(verdict)) return verdict;
  return verdicts.length === 0 ? 'inconclusive' : 'noLeakFound';
}

/** The report in a few sentences, in the order a reader needs them: what was found, how sure, what to do. */
export function summarize(verdict: Verdict, sections: Sections, findings: readonly Finding[]): string[] {
  const sentences: string[] = [];
  const { membership, extraction, unlearningDifficulty } = sections;
  if (membership !== null) sentences.push(membership.statement);
  if (extraction !== null) sentences.push(extraction.statement);
  if (unlearningDifficulty !== null) sentences.push(unlearningDifficulty.statement);
  if (verdict === 'leak' && findings.some(({ severity }) => severity === 'high'))
    sentences.push(
      'Treat the training data as recoverable in part by whoever can query this model: restrict access, or retrain with fewer epochs, deduplication or differential privacy and audit again.',
    );
  if (verdict === 'noLeakFound')
    sentences.push(
      'This is what these tests could see at this access level; it is not a proof that nothing was memorised.',
    );
  if (verdict === 'invalid')
    sentences.push(
      'Give members and non-members from the same source, split at random before training, and audit again.',
    );
  return sentences;
}
