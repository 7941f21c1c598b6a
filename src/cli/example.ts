/** `npm start`: the example deployed into an empty data folder, its routes, and lines to try. */
import { execFile } from 'node:child_process';
import { printLines } from './print.ts';
import { createRemote } from './remote.ts';
import { type RouteRow, routesOf } from './routes.ts';
import { outputsOf } from './outputs.ts';

const STACK = 'orders';

export async function showExample(folder: string, endpoint: string, isEmpty: boolean): Promise<void> {
  const remote = createRemote({ endpoint });
  const hasPython = canRunPython();
  if (isEmpty)
    await (await import('./deploy.ts')).deploy(folder, {
      endpoint,
      stackName: STACK,
      parameter: [],
      quiet: true,
    });
  const rows = await routesOf(remote);
  printLines(['', ...rows.map((row) => `  ${row.method.padEnd(7)} ${row.url}`), '']);
  const outputs = await outputsOf(remote, STACK).catch(() => []);
  const valueOf = (key: string): string =>
    outputs.find((output) => output.OutputKey === key)?.OutputValue ?? '';
  const python = await hasPython;
  printLines(tryLines(rows, valueOf('OrdersApiId'), valueOf('StorefrontApiId'), python));
  if (!python)
    printLines(['', 'POST /quotes runs Python, which is not on this machine: it answers once it is']);
}

const canRunPython = (): Promise<boolean> =>
  new Promise((resolve) => execFile('python3', ['--version'], (failure) => resolve(failure === null)));

/** Lines that work as they are; none when the example is not there. */
function tryLines(rows: readonly RouteRow[], orders: string, storefront: string, python: boolean): string[] {
  const urlOf = (apiId: string, method: string, path: string): string | undefined =>
    rows.find((row) => row.apiId === apiId && row.method === method && row.path === path)?.url;
  const order = `'{"customer":"Ada","lines":[{"sku":"tea","quantity":2,"price":4.5}]}'`;
  const post = `-H 'Content-Type: application/json' -d ${order}`;
  const lines: readonly (readonly [string | undefined, string])[] = [
    [urlOf(orders, 'GET', '/health'), ''],
    [urlOf(orders, 'POST', '/orders'), post],
    [python ? urlOf(orders, 'POST', '/quotes') : undefined, post],
    [urlOf(storefront, 'GET', '/orders'), ''],
  ];
  return lines.flatMap(([url, options]) => (url ? [`try: curl ${options ? `${options} ` : ''}${url}`] : []));
}
