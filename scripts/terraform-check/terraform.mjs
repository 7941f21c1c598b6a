/** A server of its own and a folder for Terraform, for the checks beside. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** `--plugin-dir FOLDER`: where the aws provider lies when there is no registry to ask. */
const pluginDir = process.argv[2] === '--plugin-dir' ? [`-plugin-dir=${process.argv[3]}`] : [];

/** Runs `check({ folder, endpoint, terraform })` and clears everything away. */
export async function withTerraform(check) {
  const folder = mkdtempSync(join(tmpdir(), 'terraform-check-'));
  const server = spawn(join(here, '../../bin/gatehouse'), ['start', '--port', '0', '--ephemeral'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const endpoint = await ready(server);
    const terraform = (...args) => run(folder, endpoint, args);
    await check({ folder, endpoint, terraform });
    console.log('terraform: all is well');
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ready = (server) =>
  new Promise((resolve, reject) => {
    let printed = '';
    server.stdout.on('data', (chunk) => {
      printed += chunk;
      const url = /ready on (http:\S+)/.exec(printed)?.[1];
      if (url) resolve(url);
    });
    server.once('exit', () => reject(new Error('the server did not start')));
  });

/** Throws with what it printed when it fails, and when a plan with -detailed-exitcode is not empty. */
function run(folder, endpoint, args) {
  const all = args[0] === 'init' ? [...args, ...pluginDir] : args;
  const { status, stdout, stderr } = spawnSync('terraform', [all[0], '-no-color', ...all.slice(1)], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TF_VAR_endpoint: endpoint, AWS_CA_BUNDLE: undefined },
  });
  console.log(`terraform ${args.join(' ')}: exit ${status}`);
  if (status !== 0) throw new Error(`terraform ${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

/** A request and what must come back. */
export async function answers(url, init, status, part) {
  const response = await fetch(url, init);
  const body = await response.text();
  if (response.status !== status || !body.includes(part))
    throw new Error(`${init.method ?? 'GET'} ${url}: ${response.status} ${body}; expected ${status} ${part}`);
}

/** Lists of the server, asked with plain requests: `[service, path, member]`, each must be empty. */
export async function nothingIsLeft(endpoint, lists) {
  for (const [service, path, member] of lists) {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const found = await (await fetch(endpoint + path, { headers: { authorization } })).json();
    if ((found[member] ?? []).length > 0) throw new Error(`${path} still has ${JSON.stringify(found[member])}`);
  }
}
