/** The text of an S3 `GetObject` answer, in whichever form its body comes. */
export async function readBody(output: unknown): Promise<string> {
  const body: unknown =
    typeof output === 'object' && output !== null ? Reflect.get(output, 'Body') : undefined;
  if (body instanceof Uint8Array || typeof body === 'string') return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  if (isAsyncIterable(body)) for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

const isAsyncIterable = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
