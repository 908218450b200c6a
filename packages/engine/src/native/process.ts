import { spawn } from 'node:child_process';

export interface Finished {
  /** Exit status; null when a signal ended it or it could not be started. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The program is not on the path. */
  readonly notFound: boolean;
}

/** Runs a program to its end without a shell. Never throws: a missing program is `notFound`. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; onOutput?: (chunk: string) => void } = {},
): Promise<Finished> {
  return new Promise((done) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      options.onOutput?.(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.once('error', (error: NodeJS.ErrnoException) =>
      done({ status: null, stdout, stderr: stderr + error.message, notFound: error.code === 'ENOENT' }),
    );
    child.once('close', (status) => done({ status, stdout, stderr, notFound: false }));
  });
}
