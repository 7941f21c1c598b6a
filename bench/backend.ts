/** What the proxies stand before, and the bare server of the comparison: static JSON over `node:http` on Bun. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const body = '{"hello":"world"}';
const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  // A TCP server's address is never a path.
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
