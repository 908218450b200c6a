import { asEngramError, EngramError } from '@engram/domain';

const largestBody = 'JSON bodies may have 1 MiB';

/** What Fastify and its plugins throw, by their codes, as our own errors. Anything else is ENG_INTERNAL. */
export function errorOfThrown(thrown: unknown): EngramError {
  if (thrown instanceof EngramError) return thrown;
  const { code, statusCode, message } = thrown as { code?: unknown; statusCode?: unknown; message?: unknown };
  const text = String(message);
  switch (code) {
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return notJson(text);
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new EngramError('ENG_UPLOAD_TOO_LARGE', `the body is larger than taken: ${largestBody}`, {
        remedy: 'Send files as multipart/form-data.',
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new EngramError('ENG_MEDIA_TYPE_UNSUPPORTED', 'the body has a Content-Type this route does not read');
    case 'FST_MP_PREMATURE_CLOSE':
      return new EngramError('ENG_REQUEST_INVALID', 'the connection closed before the upload was complete', {
        remedy: 'Send the upload again.',
      });
    case 'FST_ERR_QUEUE_FULL':
      return new EngramError('ENG_RATE_LIMITED', text);
    default:
  }
  if (/multipart/i.test(text) && typeof code === 'undefined')
    return new EngramError('ENG_REQUEST_INVALID', `the multipart body is malformed: ${text}`, {
      faults: [{ pointer: '', message: text }],
      remedy: 'Send the whole form again, as a client library for multipart/form-data writes it.',
      cause: thrown,
    });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return new EngramError('ENG_REQUEST_INVALID', text, { faults: [{ pointer: '', message: text }], cause: thrown });
  return asEngramError(thrown);
}

/** The position is told, the text around it is not: it may be a sample. */
export function notJson(message: string): EngramError {
  const position = /position (\d+)/.exec(message)?.[1];
  const where = position === undefined ? '' : ` (at character ${position})`;
  return new EngramError('ENG_REQUEST_INVALID', `the body is not JSON${where}`, {
    faults: [{ pointer: '', message: `not JSON${where}` }],
    remedy: 'Send one JSON object, with double quotes and without trailing commas.',
  });
}
