/** One line of progress of a set-up. Byte counts are present while something is being downloaded or unpacked. */
export interface SetUpProgress {
  readonly step: 'wait' | 'download' | 'unpack' | 'compile' | 'link' | 'done';
  readonly message: string;
  readonly bytesDone?: number;
  readonly bytesTotal?: number;
  readonly secondsLeft?: number;
}

export type OnProgress = (progress: SetUpProgress) => void;

/** Seconds until `bytesTotal`, at the mean speed since `startedMs`; undefined before anything has arrived. */
export function secondsLeft(
  bytesDone: number,
  bytesTotal: number,
  startedMs: number,
  nowMs: number,
): number | undefined {
  if (bytesDone <= 0 || nowMs <= startedMs) return undefined;
  const bytesPerSecond = bytesDone / ((nowMs - startedMs) / 1000);
  return Math.max(0, Math.round((bytesTotal - bytesDone) / bytesPerSecond));
}
