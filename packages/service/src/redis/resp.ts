import { connect } from 'node:net';
import { EngramError } from '@engram/domain';

/**
 * Sends commands to a Redis server over a connection of their own and returns its one-line replies, in order: enough
 * to ask whether it is there and to stop it. (The queue has a full client; this package must not depend on it.)
 * A server that hangs up instead of answering, as it does on SHUTDOWN, ends the list early.
 *
 * @returns replies as sent: `+PONG`, `-LOADING …`, `$…`.
 * @throws ENG_QUEUE_UNAVAILABLE it cannot be reached or does not answer in time.
 */
export function askRedis(
  port: number,
  commands: readonly (readonly string[])[],
  timeoutMs: number,
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let received = '';
    const replies = (): string[] => received.split('\r\n').slice(0, -1);
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(replies());
    };
    const fail = (message: string, cause?: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new EngramError('ENG_QUEUE_UNAVAILABLE', `Redis on port ${port}: ${message}`, { cause }));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(commands.map(encode).join('')));
    socket.on('data', (text: string) => {
      received += text;
      if (replies().length >= commands.length) finish();
    });
    socket.once('error', (cause) => fail(cause.message, cause));
    socket.once('end', finish);
  });
}

function encode(command: readonly string[]): string {
  const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${command.length}\r\n${words.join('')}`;
}
