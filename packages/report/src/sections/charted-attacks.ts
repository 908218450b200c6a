import type { AttackResult } from '@engram/contract';

/** More lines than this in one picture cannot be told apart. */
export const mostCharted = 6;

/**
 * Places of the attacks that are drawn, the primary first, in the order of their series: with the primary the plain loss,
 * which everything is to be compared with, then those with the largest AUC. What ranks members is never among them.
 */
export function chartedAttacks(attacks: readonly AttackResult[]): number[] {
  const tests = attacks.flatMap(({ ranks }, i) => (ranks === undefined ? [i] : []));
  const urgency = (i: number) => (attacks[i].primary ? 2 : attacks[i].attack === 'loss' ? 1 : 0);
  const auc = (i: number) => {
    const { auc } = attacks[i];
    return auc.status === 'measured' ? auc.value : 0;
  };
  const chosen = new Set([...tests].sort((a, b) => urgency(b) - urgency(a) || auc(b) - auc(a)).slice(0, mostCharted));
  const primary = (i: number) => Number(attacks[i].primary);
  return tests.filter((i) => chosen.has(i)).sort((a, b) => primary(b) - primary(a));
}
