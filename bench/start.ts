/** From nothing to ready, to the first answer of a function, and how long deployments take. Whole processes, medians. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { treeOf } from './process-tree.ts';
import { startSubject } from './subject.ts';

const RUNS = 5;

export async function measureStart(gatehouse: string, root: string, folder: string): Promise<string[]> {
  const ready: number[] = [];
  const resident: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    const server = await startServer(gatehouse, join(folder, `empty-${run}`));
    ready.push(performance.now() - began);
    resident.push(treeOf(server.pid).residentMb);
    await server.stop();
  }
  const deployed = await measureDeployments(gatehouse, root, folder);
  return [
    `- Ready from an empty folder, as the user waits for it: ${middle(ready).toFixed(0)} ms`,
    `- Resident when ready: ${middle(resident).toFixed(0)} MB`,
    ...deployed,
  ];
}

async function measureDeployments(gatehouse: string, root: string, folder: string): Promise<string[]> {
  const data = join(folder, 'orders');
  const server = await startServer(gatehouse, data);
  const run = (...args: string[]): number => {
    const began = performance.now();
    const { status, stdout, stderr } = spawnSync(gatehouse, [...args, '--endpoint', server.caught], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`gatehouse ${args[0]} failed:\n${stdout}${stderr}`);
    return performance.now() - began;
  };
  const example = join(root, 'examples', 'orders');
  const first: number[] = [];
  const again: number[] = [];
  for (let turn = 0; turn < RUNS; turn++) {
    first.push(run('deploy', example, '--stack-name', `orders-${turn}`));
    again.push(run('deploy', example, '--stack-name', `orders-${turn}`));
  }
  await server.stop();
  return [
    `- \`gatehouse deploy examples/orders\`, from nothing: ${middle(first).toFixed(0)} ms; again without changes: ${middle(again).toFixed(0)} ms`,
    `- First answer of a Node.js function, from the start of the server: ${(await firstAnswer(gatehouse, data)).toFixed(0)} ms`,
  ];
}

async function firstAnswer(gatehouse: string, data: string): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < RUNS; turn++) {
    const began = performance.now();
    const server = await startServer(gatehouse, data);
    const answer = await fetch(await storefront(gatehouse, server.caught));
    await answer.text();
    times.push(performance.now() - began - lookedUpMs);
    if (answer.status !== 200) throw new Error(`the storefront answered ${answer.status}`);
    await server.stop();
  }
  return middle(times);
}

let storefrontPath: string | undefined;
let lookedUpMs = 0;

/** Looked up once; the time that takes is not part of an answer's. */
async function storefront(gatehouse: string, endpoint: string): Promise<string> {
  lookedUpMs = 0;
  if (storefrontPath === undefined) {
    const began = performance.now();
    const { stdout } = spawnSync(gatehouse, ['outputs', 'orders-0', '--json', '--endpoint', endpoint], {
      encoding: 'utf8',
    });
    storefrontPath = `/_aws/execute-api/${JSON.parse(stdout).StorefrontApiId}/orders`;
    lookedUpMs = performance.now() - began;
  }
  return endpoint + storefrontPath;
}

const startServer = (gatehouse: string, data: string) =>
  startSubject({
    command: gatehouse,
    args: ['start', '--port', '0', '--data', data],
    ready: /ready on (http:\S+)/,
  });

function middle(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
