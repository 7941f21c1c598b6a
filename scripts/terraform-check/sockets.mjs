/**
 * A WebSocket and an HTTP API by Terraform: apply, use, plan (empty), change, plan (empty), destroy, nothing left.
 *   node scripts/terraform-check/sockets.mjs [--plugin-dir FOLDER]
 */
import { cpSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, nothingIsLeft, withTerraform } from './terraform.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { WebSocket } = createRequire(import.meta.url)('ws');

const backend = createServer((request, response) =>
  response.end(`${request.method} ${request.url} ${request.headers['x-reply'] ?? ''}`),
);
await new Promise((resolve) => backend.listen(0, '127.0.0.1', resolve));
// Terraform runs while this process waits: what it calls has to answer from elsewhere, so only after it has ended.
try {
  await withTerraform(async ({ folder, endpoint, terraform }) => {
    cpSync(join(here, 'sockets', 'main.tf'), join(folder, 'main.tf'));
    terraform('init', '-input=false');
    const variables = [`-var=backend=http://127.0.0.1:${backend.address().port}`];
    await applyAndCheck(variables, 'pong');
    await applyAndCheck([...variables, '-var=reply=peng'], 'peng');
    terraform('destroy', '-auto-approve', ...variables);
    await nothingIsLeft(endpoint, [
      ['apigateway', '/v2/apis', 'items'],
      ['apigateway', '/v2/vpclinks', 'items'],
    ]);

    async function applyAndCheck(given, reply) {
      terraform('apply', '-auto-approve', ...given);
      terraform('plan', '-detailed-exitcode', ...given);
      const output = JSON.parse(terraform('output', '-json'));
      const at = (name) => `${endpoint}/_aws/execute-api/${output[name].value}`;
      const heard = await ask(`${at('chat_id').replace('http', 'ws')}/prod`, '{"action":"ping"}');
      if (heard !== reply) throw new Error(`heard ${heard}, expected ${reply}`);
      await answers(`${at('shop_id')}/orders`, { method: 'POST', body: 'an order' }, 202, '<MessageId>');
      await answers(`${at('shop_id')}/inside/a/b?c=1`, {}, 200, `GET /inside/a/b?c=1 ${reply}`);
      await answers(`${at('shop_id')}/private`, {}, 401, 'Unauthorized');
    }
  });
} finally {
  backend.close();
}

function ask(url, message) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.on('error', reject);
    socket.on('open', () => socket.send(message));
    socket.on('message', (data) => {
      resolve(String(data));
      socket.close();
    });
  });
}
