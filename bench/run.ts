/**
 * Measures Gatehouse beside its peers, all in turn in one run, several rounds; prints medians and ratios and writes
 * docs/performance.md. `--seconds N` and `--rounds N` change the defaults; `--print` leaves the page alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load, type Measured } from './load.ts';
import { startNginx } from './nginx.ts';
import { measureRest } from './rest.ts';
import { treeOf } from './process-tree.ts';
import { measureStart } from './start.ts';
import { startSubject, type Subject } from './subject.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    print: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
/** What else this machine was doing when the run began: beside other work even ratios are worse than they are. */
const [loadBefore = 0] = loadavg();
const root = join(import.meta.dir, '..');
const gatehouse = join(root, 'bin', 'gatehouse');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));

interface Case {
  readonly name: string;
  readonly url: string;
  readonly subject: Subject;
}

const started: Subject[] = [];
const start = async (...options: Parameters<typeof startSubject>): Promise<Subject> => {
  const subject = await startSubject(...options);
  started.push(subject);
  return subject;
};

try {
  const forRest = {
    gatehouse,
    folder,
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
  };
  if (values.only === 'rest') {
    console.log((await measureRest(forRest)).join('\n'));
    process.exit(0);
  }
  const cases = await prepare();
  const rounds = Number(values.rounds);
  const measured = new Map<string, Measured[]>(cases.map((entry) => [entry.name, []]));
  // Long enough for the compilers of every runtime to come to rest.
  for (const entry of cases) await load(entry.url, entry.subject.pid, 6);
  for (let round = 1; round <= rounds; round++) {
    for (const entry of cases) {
      console.error(`round ${round} of ${rounds}: ${entry.name}`);
      measured.get(entry.name)?.push(await load(entry.url, entry.subject.pid, Number(values.seconds)));
    }
  }
  const idleMb = treeOf(cases[0]?.subject.pid ?? 0).residentMb;
  for (const subject of started.splice(0)) await subject.stop();
  const startLines = await measureStart(gatehouse, root, folder);
  const text = page(measured, idleMb, [...startLines, ...(await measureRest(forRest))]);
  console.log(text);
  if (!values.print) writeFileSync(join(root, 'docs', 'performance.md'), text);
} finally {
  for (const subject of started) await subject.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function prepare(): Promise<Case[]> {
  const bun = process.execPath;
  const listening = /listening on (\d+)/;
  const bare = await start({ command: bun, args: [join(import.meta.dir, 'backend.ts')], ready: listening });
  const backend = await start({
    command: bun,
    args: [join(import.meta.dir, 'backend.ts')],
    ready: listening,
  });
  const backendUrl = `http://127.0.0.1:${backend.caught}/`;
  const bareProxy = await start({
    command: bun,
    args: [join(import.meta.dir, 'bare-proxy.ts'), backendUrl],
    ready: listening,
  });
  const server = await start({
    command: gatehouse,
    args: ['start', '--port', '0', '--data', join(folder, 'data')],
    ready: /ready on (http:\S+)/,
  });
  const api = deploy(server.caught, backendUrl);
  const offline = await start({
    command: 'node',
    args: [
      join(import.meta.dir, 'peers/node_modules/serverless/bin/serverless.js'),
      'offline',
      '--httpPort',
      '14310',
      '--lambdaPort',
      '14312',
      '--noTimeout',
    ],
    cwd: join(import.meta.dir, 'peers', 'offline'),
    ready: /Server ready: (http:\S+)/,
  });
  const nginx = await startNginx(folder, backendUrl);
  if (nginx) started.push(nginx);
  return [
    { name: 'Gatehouse: MOCK', url: `${api}/mock`, subject: server },
    { name: 'bare node:http', url: `http://127.0.0.1:${bare.caught}/`, subject: bare },
    { name: 'Gatehouse: HTTP_PROXY', url: `${api}/proxy`, subject: server },
    { name: 'bare node:http + fetch', url: `http://127.0.0.1:${bareProxy.caught}/`, subject: bareProxy },
    ...(nginx ? [{ name: 'nginx as proxy', url: nginx.caught, subject: nginx }] : []),
    { name: 'Gatehouse: Lambda proxy', url: `${api}/function`, subject: server },
    { name: 'serverless-offline', url: 'http://127.0.0.1:14310/dev/function', subject: offline },
  ];
}

/** The API's address by path. */
function deploy(endpoint: string, backendUrl: string): string {
  const run = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(gatehouse, [...args, '--endpoint', endpoint], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`gatehouse ${args[0]} failed:\n${stdout}${stderr}`);
    return stdout;
  };
  run(
    'deploy',
    join(import.meta.dir, 'template.yaml'),
    '--stack-name',
    'bench',
    '--parameter',
    `Backend=${backendUrl}`,
  );
  const outputs: Record<string, string> = JSON.parse(run('outputs', 'bench', '--json'));
  return `${endpoint}/_aws/execute-api/${outputs['ApiId']}/bench`;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function page(
  measured: ReadonlyMap<string, readonly Measured[]>,
  idleMb: number,
  startLines: readonly string[],
): string {
  const of = (name: string, figure: keyof Measured): number =>
    median((measured.get(name) ?? []).map((row) => row[figure]));
  const rows = [...measured.keys()].map((name) => {
    const figures = [
      of(name, 'requestsPerSecond').toFixed(0),
      of(name, 'p50Ms').toFixed(0),
      of(name, 'p99Ms').toFixed(0),
      of(name, 'cpuMicrosecondsPerRequest').toFixed(0),
      of(name, 'failed').toFixed(0),
    ];
    return `| ${name} | ${figures.join(' | ')} |`;
  });
  const ratio = (figure: keyof Measured, one: string, other: string): string =>
    (of(one, figure) / of(other, figure)).toFixed(2);
  return [
    '# Performance',
    '',
    `The last run of \`npm run bench\`: ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${values.rounds} rounds of ${values.seconds} s, 64 connections,`,
    'medians. The load generator runs on the same cores, so absolute figures say little; the ratios are of one run.',
    `CPU is that of the whole process tree of the server under test. Load of other work when the run began: ${loadBefore.toFixed(1)}.`,
    '',
    '| | requests/s | p50 ms | p99 ms | CPU µs/request | failed |',
    '|---|--:|--:|--:|--:|--:|',
    ...rows,
    '',
    '| ratio | |',
    '|---|--:|',
    `| MOCK to bare \`node:http\`, requests/s | ${ratio('requestsPerSecond', 'Gatehouse: MOCK', 'bare node:http')} |`,
    `| HTTP_PROXY to bare \`node:http\` + \`fetch\`, CPU per request | ${ratio('cpuMicrosecondsPerRequest', 'Gatehouse: HTTP_PROXY', 'bare node:http + fetch')} |`,
    ...(measured.has('nginx as proxy')
      ? [
          `| HTTP_PROXY to nginx, CPU per request | ${ratio('cpuMicrosecondsPerRequest', 'Gatehouse: HTTP_PROXY', 'nginx as proxy')} |`,
        ]
      : []),
    `| Lambda proxy to serverless-offline, requests/s | ${ratio('requestsPerSecond', 'Gatehouse: Lambda proxy', 'serverless-offline')} |`,
    `| Lambda proxy to serverless-offline, p99 | ${ratio('p99Ms', 'Gatehouse: Lambda proxy', 'serverless-offline')} |`,
    '',
    ...startLines,
    `- Memory of the server and its function environments after the load: ${idleMb.toFixed(0)} MB`,
    '',
  ].join('\n');
}
