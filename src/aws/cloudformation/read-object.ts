/** The text of an S3 `GetObject` answer, refused when it is longer than it may be. */
export async function readObject(output: unknown, mostBytes: number, tooLong: () => Error): Promise<string> {
  const body: unknown =
    typeof output === 'object' && output !== null ? Reflect.get(output, 'Body') : undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function* chunksOf(body: unknown): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) yield body;
  else if (typeof body === 'string') yield Buffer.from(body);
  else if (isAsyncIterable(body)) for await (const chunk of body) yield Buffer.from(chunk);
}

const isAsyncIterable = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
