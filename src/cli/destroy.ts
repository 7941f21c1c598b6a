import { setTimeout as wait } from 'node:timers/promises';
import type { DescribeStackEventsOutput, DescribeStacksOutput } from '@aws-sdk/client-cloudformation';
import { CliFailure } from './failure.ts';
import { printJson, printLines } from './print.ts';
import { createRemote, type Remote, type RemoteOptions } from './remote.ts';

const ASK_EVERY_MS = 50;

/** `gatehouse destroy <stack>`: exit 1, with every reason, when something could not be deleted. */
export async function destroy(stack: string, options: RemoteOptions & { json?: boolean }): Promise<void> {
  const remote = createRemote(options);
  const { Stacks } = await remote.call<DescribeStacksOutput>('cloudformation', 'DescribeStacks', {
    StackName: stack,
  });
  const StackName = Stacks?.[0]?.StackId;
  await remote.call('cloudformation', 'DeleteStack', { StackName });
  const status = await untilDone(remote, StackName ?? stack);
  if (status !== 'DELETE_COMPLETE')
    throw new CliFailure(`${stack}: ${status}\n${(await reasons(remote, StackName ?? stack)).join('\n')}`);
  if (options.json) printJson({ stack, status });
  else printLines([`${stack} is deleted`]);
}

async function untilDone(remote: Remote, StackName: string): Promise<string> {
  for (;;) {
    const { Stacks } = await remote.call<DescribeStacksOutput>('cloudformation', 'DescribeStacks', {
      StackName,
    });
    const status = Stacks?.[0]?.StackStatus ?? 'DELETE_COMPLETE';
    if (!status.endsWith('IN_PROGRESS')) return status;
    await wait(ASK_EVERY_MS);
  }
}

async function reasons(remote: Remote, StackName: string): Promise<string[]> {
  const { StackEvents = [] } = await remote.call<DescribeStackEventsOutput>(
    'cloudformation',
    'DescribeStackEvents',
    { StackName },
  );
  const failed = StackEvents.filter((event) => event.ResourceStatus === 'DELETE_FAILED');
  return failed.map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`);
}
