import type { Gate } from '@engram/contract';
import type { PrivacyBoundsDecisions } from '../decisions.js';

/** Fewer canaries than this leave little room above 0. */
export const advisedCanaries = 500;

/** What the bounds do not say. */
export function boundsLimits(decisions: PrivacyBoundsDecisions, rows: number, gates: readonly Gate[]): string[] {
  const limits = [
    'A low bound is never evidence of privacy: it says what these canaries and this score could show.',
    'The verdict rests on the bound named first; the others stand beside it, and the highest of them is not a bound at the same confidence.',
  ];
  if (decisions.design === 'independentTrials')
    return [...limits, 'Bounds are about this canary in this training: another may be exposed more.'];
  limits.push(
    'Canaries of one training disturb each other: even without any noise, one run cannot show the whole of epsilon.',
    'Bounds are about canaries as they were planted: samples less unusual are usually exposed less.',
  );
  if (rows < advisedCanaries)
    limits.push(`${rows} canaries: ${advisedCanaries} or more are advised, 1,000 are the usual number.`);
  if (gates.some(({ outcome }) => outcome === 'notRun'))
    limits.push(
      'That coins decided which canaries were trained on was stated, and could not be checked from these data.',
    );
  return limits;
}
