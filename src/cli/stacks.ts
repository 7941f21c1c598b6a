import type { ListStacksOutput } from '@aws-sdk/client-cloudformation';
import { printJson, printTable } from './print.ts';
import { createRemote, type RemoteOptions } from './remote.ts';

/** `gatehouse stacks`: every stack that is there, newest first. */
export async function stacks(options: RemoteOptions & { json?: boolean }): Promise<void> {
  const remote = createRemote(options);
  const found: NonNullable<ListStacksOutput['StackSummaries']> = [];
  for (let token: string | undefined, first = true; first || token; first = false) {
    const page = await remote.call<ListStacksOutput>('cloudformation', 'ListStacks', { NextToken: token });
    found.push(...(page.StackSummaries ?? []));
    token = page.NextToken;
  }
  const present = found.filter((stack) => stack.StackStatus !== 'DELETE_COMPLETE');
  if (options.json) return printJson(present);
  printTable(
    ['STACK', 'STATUS', 'UPDATED', 'DESCRIPTION'],
    present.map((stack) => [
      stack.StackName ?? '',
      stack.StackStatus ?? '',
      (stack.LastUpdatedTime ?? stack.CreationTime)?.toISOString() ?? '',
      stack.TemplateDescription ?? '',
    ]),
    'no stacks',
  );
}
