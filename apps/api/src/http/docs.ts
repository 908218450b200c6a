import { readFile } from 'node:fs/promises';
import { openApiDocument, problemKinds } from '@engram/contract';
import { type ErrorCode, errorFamilies } from '@engram/domain';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** The contract at /openapi.json, a page to try it at /docs (its assets are served from here), the errors explained. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  const document = openApiDocument(await ownVersion());
  const text = JSON.stringify(document);
  app.get('/openapi.json', { schema: { hide: true } as object }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(text),
  );
  app.get('/docs/errors', async (_request, reply) => reply.type('text/html; charset=utf-8').send(errorsPage()));
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { deepLinking: true, docExpansion: 'list', tryItOutEnabled: true, validatorUrl: null },
  });
}

/** Version of this package, for the document and the capabilities. */
export async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Where the `type` of every problem leads. */
function errorsPage(): string {
  const sections = (Object.keys(errorFamilies) as ErrorCode[]).map((code) => {
    const { status, title, meaning, remedy } = problemKinds[code];
    return `<section id="${code.toLowerCase()}"><h2>${code}</h2><p><b>${status}</b> ${escapeHtml(title)}</p><p>${escapeHtml(meaning)}</p><p>What to do: ${escapeHtml(remedy)}</p></section>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>engram: errors</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
h2{font:600 1rem ui-monospace,monospace;margin-top:2rem}:target{background:#fff3c4}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}:target{background:#443a10}}</style></head>
<body><h1>Errors</h1>${sections.join('\n')}</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
