/**
 * The plainest proxy one would write on Bun: `node:http` in front, `fetch` behind. It hands on method, path, headers and
 * body, and the answer's status and headers, as any proxy has to; what `fetch` cannot keep (case, order, duplicates) it loses.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const target = process.argv[2] ?? '';
const server = createServer(async (request, response) => {
  const { host: _, connection: __, ...headers } = request.headers;
  const answer = await fetch(new URL(request.url ?? '/', target), {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>, // the load generator sends none twice
    redirect: 'manual',
  });
  const body = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  // A TCP server's address is never a path.
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
