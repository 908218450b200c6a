import pg from 'pg';

const reconnectMs = 1000;

/**
 * Listens on a connection of its own, made again whenever it is lost. What was sent in between is gone: the listener is
 * then called with `undefined`, to look for itself.
 */
export async function listenToPostgres(
  url: string,
  channel: string,
  onNotice: (payload: string | undefined) => void,
): Promise<() => Promise<void>> {
  let closed = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, keepAlive: true, application_name: 'engram listener' });
    let lost = false;
    const onLost = (): void => {
      if (lost || closed) return;
      lost = true;
      timer = setTimeout(() => void reconnect(), reconnectMs);
    };
    next.on('error', onLost);
    next.on('end', onLost);
    next.on('notification', ({ payload }) => onNotice(payload ?? ''));
    try {
      await next.connect();
      await next.query(`listen ${pg.escapeIdentifier(channel)}`);
      client = next;
    } catch (error) {
      lost = true;
      await next.end().catch(() => {}); // It was never whole.
      throw error;
    }
  };
  const reconnect = async (): Promise<void> => {
    try {
      await connect();
      if (closed) await client?.end();
      else onNotice(undefined);
    } catch {
      if (!closed) timer = setTimeout(() => void reconnect(), reconnectMs);
    }
  };

  await connect();
  return async () => {
    closed = true;
    clearTimeout(timer);
    await client?.end().catch(() => {}); // Lost already.
  };
}
