import type { Finding } from '@engram/contract';
import { formatPercent, formatSignificant } from './format-number.js';
import type { Quantity } from './quantity.js';

type FindingQuantity = NonNullable<Finding['quantity']>;

const written: Readonly<Record<FindingQuantity['kind'], readonly [name: string, quantity: Quantity]>> = {
  auc: ['AUC', 'auc'],
  rate: ['Share', 'rate'],
  exposure: ['Exposure', 'bits'],
  correlation: ['Rank correlation', 'correlation'],
  memorization: ['Memorization', 'gap'],
  rise: ['Rise in percentage points', 'points'],
};

const directions: Readonly<Record<FindingQuantity['direction'], string>> = {
  higherIsWorse: 'higher is worse',
  higherIsBetter: 'higher is better',
  awayFromChanceIsWorse: 'worse the further from chance',
};

/**
 * How the numbers of a finding are written. Those of a finding stored before it told what they count are bare numbers: a
 * wrong unit would be worse than none.
 */
export function quantityOfFinding({ quantity }: Finding): Quantity {
  return quantity === undefined ? 'number' : written[quantity.kind][1];
}

/** What the numbers of a finding count and how to read them: `AUC: higher is worse, chance is 0.5`. */
export function readingOfFinding({ quantity }: Finding): string | null {
  if (quantity === undefined) return null;
  const { kind, direction, chance } = quantity;
  const level =
    chance === null ? '' : `, chance is ${kind === 'rate' ? formatPercent(chance) : formatSignificant(chance)}`;
  return `${written[kind][0]}: ${directions[direction]}${level}`;
}
