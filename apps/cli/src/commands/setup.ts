import { type SetUpProgress, setUpNative } from '@engram/engine';
import { fetchRedisServer, findRedisServer, readSettings } from '@engram/service';

export interface SetupOptions {
  readonly device?: 'auto' | 'cpu' | 'cuda';
  readonly redis: boolean;
  readonly quietWhenDone?: boolean;
}

/** Takes and builds the native parts; every finished part is kept, so a second run only looks. */
export async function setup(options: SetupOptions): Promise<void> {
  const settings = readSettings(process.env);
  const say = progressPrinter(options.quietWhenDone === true);
  const native = await setUpNative({
    device: options.device ?? settings.device,
    cacheDir: settings.cacheDir,
    onProgress: say,
  });
  for (const note of native.notes) console.log(note);
  if (!options.redis || settings.redisUrl !== undefined) return;
  const found = await findRedisServer({ cacheDir: settings.cacheDir, searchPath: process.env.PATH ?? '' });
  if (found !== undefined) return;
  const taken = await fetchRedisServer({ cacheDir: settings.cacheDir, onProgress: (line) => console.log(line) });
  console.log(`Redis server ready: ${taken.path}`);
}

/** Rewrites one line on a terminal; elsewhere prints each step, and byte counts every tenth of the way. */
function progressPrinter(quietWhenDone: boolean): (progress: SetUpProgress) => void {
  let worked = false;
  let lastTenth = -1;
  let lastStep = '';
  return (progress) => {
    const { step, message, bytesDone, bytesTotal, secondsLeft } = progress;
    if (step === 'done') {
      if (worked && process.stdout.isTTY) process.stdout.write('\n');
      if (worked || !quietWhenDone) console.log(message);
      return;
    }
    worked = true;
    const line = describe(message, bytesDone, bytesTotal, secondsLeft);
    if (process.stdout.isTTY) {
      process.stdout.write(`\r\x1b[K${line}`);
      return;
    }
    const tenth = bytesDone === undefined || bytesTotal === undefined ? -1 : Math.floor((10 * bytesDone) / bytesTotal);
    if (step === lastStep && tenth === lastTenth) return;
    lastStep = step;
    lastTenth = tenth;
    console.log(line);
  };
}

function describe(message: string, done?: number, total?: number, secondsLeft?: number): string {
  if (done === undefined || total === undefined) return message;
  const left = secondsLeft === undefined ? '' : `, about ${secondsLeft} s left`;
  return `${message}: ${(done / 1e6).toFixed(0)} of ${(total / 1e6).toFixed(0)} MB${left}`;
}
