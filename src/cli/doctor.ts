import { describeMachine } from '../server/machine.ts';
import { printJson, printTable } from './print.ts';

/** `gatehouse doctor`: exit 0 always: what is missing switches a part off, it breaks nothing else. */
export async function doctor(options: { json?: boolean }): Promise<void> {
  const server = { part: 'Bun', available: true, detail: process.versions['bun'] ?? '' };
  const images = {
    part: 'container images',
    available: false,
    detail: 'functions of PackageType Image are refused by name',
  };
  const found = [server, ...(await describeMachine()), images];
  if (options.json) return printJson(found);
  printTable(
    ['PART', '', 'DETAIL'],
    found.map((row) => [row.part, row.available ? 'yes' : 'no', row.detail]),
    '',
  );
}
