import { EngramError } from '@engram/domain';
import { runProgram } from './process.js';

/** How pip is called here: the program and the arguments that come before pip's own. */
export interface Pip {
  readonly program: string;
  readonly args: readonly string[];
  /** As pip says it, "23.2.1". */
  readonly version: string;
}

const candidates: readonly { program: string; args: readonly string[] }[] = [
  { program: 'python3', args: ['-m', 'pip'] },
  { program: 'pip3', args: [] },
  { program: 'pip', args: [] },
  { program: 'python', args: ['-m', 'pip'] },
];

export const pipRemedy =
  'Install pip (Debian, Ubuntu: `sudo apt-get install python3-pip`), then run `npm run setup` again.';

/** The first pip that answers, or undefined. `pip download` writes nothing into the Python, so a managed one will do. */
export async function findPip(): Promise<Pip | undefined> {
  for (const { program, args } of candidates) {
    const run = await runProgram(program, [...args, '--version']);
    const version = /^pip (\S+)/.exec(run.stdout)?.[1];
    if (run.status === 0 && version !== undefined) return { program, args, version };
  }
  return undefined;
}

/** @throws ENG_NATIVE_LIBRARY_MISSING no pip answers. */
export async function requirePip(): Promise<Pip> {
  const pip = await findPip();
  if (pip === undefined) {
    throw new EngramError(
      'ENG_NATIVE_LIBRARY_MISSING',
      'taking a wheel needs pip, and none of `python3 -m pip`, `pip3`, `pip` answers',
      { remedy: pipRemedy },
    );
  }
  return pip;
}
