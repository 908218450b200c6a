import { decimalsKnown, formatFixed, formatOneIn } from './format-number.js';

/** What a measured number counts, and so how it is written. */
export type Quantity = 'rate' | 'auc' | 'bits' | 'steps' | 'epochs' | 'correlation' | 'gap' | 'points' | 'number';

interface Writing {
  /** What it is where there is nothing to find, when that is the same for every number of the quantity. */
  readonly chance?: number;
  /** What the printed number is multiplied by. */
  readonly scale: number;
  readonly unit: string;
  readonly signed: boolean;
}

const writings: Readonly<Record<Quantity, Writing>> = {
  rate: { scale: 100, unit: '%', signed: false },
  auc: { scale: 1, unit: '', signed: false, chance: 0.5 },
  bits: { scale: 1, unit: ' bits', signed: false },
  steps: { scale: 1, unit: ' steps', signed: false },
  epochs: { scale: 1, unit: ' epochs', signed: false },
  correlation: { scale: 1, unit: '', signed: true, chance: 0 },
  gap: { scale: 1, unit: '', signed: true, chance: 0 },
  points: { scale: 100, unit: ' points', signed: true, chance: 0 },
  number: { scale: 1, unit: '', signed: false },
};

const singular: Readonly<Record<string, string>> = { ' steps': ' step', ' epochs': ' epoch' };

/** Whole numbers of these are written as such. */
const countedIn: readonly Quantity[] = ['steps', 'epochs'];

/** A fraction below this is also told as one in so many: few readers picture 0.3 %. */
const smallRate = 0.02;

export interface WrittenNumber {
  readonly value: string;
  readonly low: string;
  readonly high: string;
  /** `1 in 320` for small rates. */
  readonly oneIn: string | null;
}

/** Decimals added at most to tell the end of an interval from chance. */
const mostAdded = 3;

/** Decimals at which an interval that leaves chance out is not printed as one that ends on it. */
function decimalsClear(known: number, [low, high]: readonly [number, number], chance: number, scale: number): number {
  const nearest = low > chance ? low : high < chance ? high : null;
  if (nearest === null) return known;
  const alike = (decimals: number) => formatFixed(nearest * scale, decimals) === formatFixed(chance * scale, decimals);
  for (let decimals = known; decimals <= known + mostAdded; decimals += 1) if (!alike(decimals)) return decimals;
  return known;
}

/** A number and its interval in the words of its quantity, as exactly as the interval allows. */
export function writeNumber(
  quantity: Quantity,
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
): WrittenNumber {
  const { scale, unit, signed, chance } = writings[quantity];
  const counted = countedIn.includes(quantity) && [value, low, high].every(Number.isInteger);
  const known = counted ? 0 : decimalsKnown(value, low, high, scale);
  const decimals = chance === undefined ? known : decimalsClear(known, [low, high], chance, scale);
  const write = (number: number) => {
    const text = formatFixed(number * scale, number === 0 && quantity === 'rate' ? 0 : decimals);
    return signed && /^[0-9.,]*[1-9]/.test(text) ? `+${text}` : text;
  };
  const intervalUnit = unit === '%' ? unit : '';
  return {
    value: write(value) + (value === 1 ? (singular[unit] ?? unit) : unit),
    low: write(low) + intervalUnit,
    high: write(high) + intervalUnit,
    oneIn: quantity === 'rate' && value < smallRate ? formatOneIn(value) : null,
  };
}
