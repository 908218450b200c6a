import { decimalsKnown, formatFixed, formatOneIn } from './format-number.js';

/** What a measured number counts, and so how it is written. */
export type Quantity = 'rate' | 'auc' | 'bits' | 'steps' | 'epochs' | 'correlation' | 'gap' | 'points' | 'number';

interface Writing {
  /** What the printed number is multiplied by. */
  readonly scale: number;
  readonly unit: string;
  readonly signed: boolean;
}

const writings: Readonly<Record<Quantity, Writing>> = {
  rate: { scale: 100, unit: '%', signed: false },
  auc: { scale: 1, unit: '', signed: false },
  bits: { scale: 1, unit: ' bits', signed: false },
  steps: { scale: 1, unit: ' steps', signed: false },
  epochs: { scale: 1, unit: ' epochs', signed: false },
  correlation: { scale: 1, unit: '', signed: true },
  gap: { scale: 1, unit: '', signed: true },
  points: { scale: 100, unit: ' points', signed: true },
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

/** A number and its interval in the words of its quantity, as exactly as the interval allows. */
export function writeNumber(
  quantity: Quantity,
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
): WrittenNumber {
  const { scale, unit, signed } = writings[quantity];
  const counted = countedIn.includes(quantity) && [value, low, high].every(Number.isInteger);
  const decimals = counted ? 0 : decimalsKnown(value, low, high, scale);
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
