import type { MembershipReport } from '@engram/contract';

type Slice = NonNullable<MembershipReport['slices']>['slices'][number];

const deciles = {
  vulnerabilityDecile: 'vulnerability',
  outlierDecile: 'distance to middle',
  textLengthDecile: 'length',
} as const;

/** A part of the samples as a reader would call it: `class 6`, `answered wrong`, `length, tenth 3`. */
export function sliceName({ slice, value }: Pick<Slice, 'slice' | 'value'>): string {
  switch (slice) {
    case 'label':
      return `class ${value}`;
    case 'correct':
      return `answered ${value}`;
    case 'repeated':
      return value === 'once' ? 'records found once' : `records ${value}`;
    default:
      return `${deciles[slice]}, tenth ${value}`;
  }
}
