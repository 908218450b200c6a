import type { Gate } from '@engram/contract';

type GateId = Gate['gate'];
export type GateOutcome = Gate['outcome'];

interface GateWords {
  readonly name: string;
  readonly question: string;
  /** Why the answer matters. */
  readonly meaning: string;
  /** What to do when it failed. */
  readonly repair: string;
}

export const gateWords: Readonly<Record<GateId, GateWords>> = {
  blindBaseline: {
    name: 'Blind baseline',
    question: 'Can members and non-members be told apart without the model?',
    meaning:
      'If so, an attack may be recognising two kinds of data and not training. 0.5 is guessing; 0.6 or more fails.',
    repair:
      'Choose members and non-members at random from one pool, with the choice made before training, and audit again.',
  },
  sharedSamples: {
    name: 'Shared samples',
    question: 'Are non-members equal to members?',
    meaning:
      'Whoever equals a record that was trained on was trained on too. Beyond 1% of the non-members this warns; beyond 10% it fails.',
    repair: 'Remove the non-members that equal a member, and audit again.',
  },
  modelSwap: {
    name: 'Model swap',
    question: 'Does the attack also succeed on a model that never saw the members?',
    meaning: 'There is nothing to find there, so it must do no better than guessing, 0.5.',
    repair:
      'Look for what sets the non-members apart (source, date, preprocessing), replace them by records drawn like the members, and audit again.',
  },
  splitHalf: {
    name: 'Split half',
    question: 'Does the attack tell one half of the non-members from the other?',
    meaning: 'Neither half was trained on, so it must do no better than guessing, 0.5.',
    repair:
      'Check the non-members for two sources in order, duplicates, or records that were trained on after all; then audit again.',
  },
};

export const gateOrder: readonly GateId[] = ['blindBaseline', 'sharedSamples', 'modelSwap', 'splitHalf'];

export const outcomeWords: Readonly<Record<GateOutcome, string>> = {
  pass: 'passed',
  inconclusive: 'undecided',
  warn: 'warning',
  fail: 'failed',
  notRun: 'not run',
};
