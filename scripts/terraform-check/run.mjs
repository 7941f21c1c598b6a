/**
 * Terraform against a server of its own: apply, call, plan (empty), change, plan (empty), destroy, nothing left.
 *   node scripts/terraform-check/run.mjs [--plugin-dir FOLDER]
 * Needs `terraform` and its aws provider, which is why `npm test` leaves it out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const { zipSync, strToU8 } = createRequire(import.meta.url)('fflate');


const folder = mkdtempSync(join(tmpdir(), 'terraform-check-'));
const port = 4790;
const endpoint = `http://127.0.0.1:${port}`;
const pluginDir = process.argv[2] === '--plugin-dir' ? [`-plugin-dir=${process.argv[3]}`] : [];

for (const file of ['main.tf', 'index.mjs']) cpSync(join(here, file), join(folder, file));
writeFileSync(
  join(folder, 'function.zip'),
  zipSync({ 'index.mjs': [strToU8(readFileSync(join(here, 'index.mjs'), 'utf8')), { mtime: '2026-01-01' }] }),
);

const server = spawn(join(here, '../../bin/gatehouse'), ['start', '--port', String(port), '--ephemeral'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
await new Promise((resolve, reject) => {
  server.stdout.once('data', resolve);
  server.once('exit', () => reject(new Error('the server did not start')));
});

try {
  terraform('init', '-input=false', ...pluginDir);
  const changed = ['-var=greeting=bye', '-var=timeout_seconds=9', '-var=with_burst_limit=true'];
  await applyAndCheck([], 'hello');
  await applyAndCheck(changed, 'bye');
  await applyAndCheck([], 'hello');
  terraform('destroy', '-auto-approve');
  await checkNothingIsLeft();
  console.log('terraform: all is well');
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

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

async function answers(url, init, status, part) {
  const response = await fetch(url, init);
  const body = await response.text();
  if (response.status !== status || !body.includes(part))
    throw new Error(`${init.method ?? 'GET'} ${url}: ${response.status} ${body}; expected ${status} ${part}`);
}

/** Asked of the server with plain requests: each list must be empty. */
async function checkNothingIsLeft() {
  const lists = [
    ['apigateway', '/restapis', 'item'],
    ['apigateway', '/v2/apis', 'items'],
    ['lambda', '/2015-03-31/functions', 'Functions'],
    ['apigateway', '/usageplans', 'item'],
    ['apigateway', '/apikeys', 'item'],
  ];
  for (const [service, path, member] of lists) {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const found = await (await fetch(endpoint + path, { headers: { authorization } })).json();
    if ((found[member] ?? []).length > 0) throw new Error(`${path} still has ${JSON.stringify(found[member])}`);
  }
}

/** Runs it in the folder; throws with what it printed when it fails, and when a plan is not empty. */
function terraform(...args) {
  const { status, stdout, stderr } = spawnSync('terraform', [args[0], '-no-color', ...args.slice(1)], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TF_VAR_endpoint: endpoint, AWS_CA_BUNDLE: undefined },
  });
  console.log(`terraform ${args.join(' ')}: exit ${status}`);
  if (status !== 0) throw new Error(`terraform ${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}
