import { once } from 'node:events';
import { connect } from 'node:net';

/** Deletes everything a Redis server holds. */
export async function flushRedis(url: string): Promise<void> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.end(`AUTH ${password}\r\nFLUSHALL\r\nQUIT\r\n`);
  let answer = '';
  for await (const bytes of socket) answer += bytes;
  if (answer !== '+OK\r\n+OK\r\n+OK\r\n') throw new Error(`Redis answered ${answer}`);
}
