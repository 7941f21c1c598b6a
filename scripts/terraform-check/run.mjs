/**
 * Terraform against a server of its own: apply, call, plan (empty), change, plan (empty), destroy, nothing left.
 *   node scripts/terraform-check/run.mjs [--plugin-dir FOLDER]
 * Needs `terraform` and its aws provider, which is why `npm test` leaves it out.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, nothingIsLeft, withTerraform } from './terraform.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { zipSync, strToU8 } = createRequire(import.meta.url)('fflate');

await withTerraform(async ({ folder, endpoint, terraform }) => {
  for (const file of ['main.tf', 'index.mjs']) cpSync(join(here, file), join(folder, file));
  writeFileSync(
    join(folder, 'function.zip'),
    zipSync({ 'index.mjs': [strToU8(readFileSync(join(here, 'index.mjs'), 'utf8')), { mtime: '2026-01-01' }] }),
  );
  terraform('init', '-input=false');
  const changed = ['-var=greeting=bye', '-var=timeout_seconds=9', '-var=with_burst_limit=true'];
  await applyAndCheck([], 'hello');
  await applyAndCheck(changed, 'bye');
  // The limits stay: for a block that is taken out the provider sends zeros, which close the stage, on AWS as well.
  await applyAndCheck(['-var=with_burst_limit=true'], 'hello');
  terraform('destroy', '-auto-approve');
  await nothingIsLeft(endpoint, [
    ['apigateway', '/restapis', 'item'],
    ['apigateway', '/v2/apis', 'items'],
    ['lambda', '/2015-03-31/functions', 'Functions'],
    ['apigateway', '/usageplans', 'item'],
    ['apigateway', '/apikeys', 'item'],
  ]);

  async function applyAndCheck(variables, greeting) {
    terraform('apply', '-auto-approve', ...variables);
    terraform('plan', '-detailed-exitcode', ...variables);
    const output = JSON.parse(terraform('output', '-json'));
    const api = (name, path) => `${endpoint}/_aws/execute-api/${output[name].value}${path}`;
    const headers = { 'content-type': 'application/json' };
    await answers(api('rest_api_id', '/prod/orders'), { method: 'POST', headers, body: '{"sku":"a"}' }, 200, greeting);
    await answers(api('rest_api_id', '/prod/orders'), { method: 'POST', headers, body: '{"sku":1}' }, 422, 'wrong');
    await answers(api('rest_api_id', '/prod/orders'), { method: 'OPTIONS' }, 200, '');
    await answers(api('http_api_id', '/orders/7'), {}, 200, `{"greeting":"${greeting}","id":"7"}`);
    await answers(api('imported_api_id', '/v1/health'), {}, 200, '{"fine":true}');
  }
});
