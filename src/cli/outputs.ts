import type { DescribeStacksOutput, Output } from '@aws-sdk/client-cloudformation';
import { localUrl } from './local-url.ts';
import { printJson, printTable } from './print.ts';
import { createRemote, type Remote, type RemoteOptions } from './remote.ts';

/** `gatehouse outputs <stack>`. */
export async function outputs(stack: string, options: RemoteOptions & { json?: boolean }): Promise<void> {
  const remote = createRemote(options);
  const found = await outputsOf(remote, stack);
  if (options.json)
    return printJson(Object.fromEntries(found.map((output) => [output.OutputKey, output.OutputValue])));
  printOutputs(found, remote);
}

export async function outputsOf(remote: Remote, stack: string): Promise<readonly Output[]> {
  const { Stacks } = await remote.call<DescribeStacksOutput>('cloudformation', 'DescribeStacks', {
    StackName: stack,
  });
  return Stacks?.[0]?.Outputs ?? [];
}

/** Values as AWS has them; an execute-api address is followed by where it answers here. */
export function printOutputs(found: readonly Output[], remote: Remote): void {
  const rows = found.map(({ OutputKey = '', OutputValue = '' }) => {
    const local = localUrl(OutputValue, remote.endpoint);
    return [OutputKey, local ? `${OutputValue}  (here: ${local})` : OutputValue];
  });
  printTable(['OUTPUT', 'VALUE'], rows, 'the stack has no outputs');
}
