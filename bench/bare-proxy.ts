/** The plainest proxy one would write on Bun: `node:http` in front, `fetch` behind. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const target = process.argv[2] ?? '';
const server = createServer(async (_request, response) => {
  const answer = await fetch(target);
  const body = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  // A TCP server's address is never a path.
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
