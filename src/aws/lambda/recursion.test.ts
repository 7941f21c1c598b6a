/** Functions that come back to themselves are stopped, unless they may. */
import { expect, test } from 'bun:test';
import { bytes, faultOf, openRoom, until } from './testing/room.ts';

const arn = (name: string): string => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;

/** Two functions, each calling the other with the trace it was given, until somebody is refused. */
async function pingPong(more: { readonly loop?: string; readonly type?: 'Event' | 'RequestResponse' } = {}) {
  let rounds = 0;
  const faults: string[] = [];
  const room = openRoom({
    run: async (config, { traceId }) => {
      rounds += 1;
      if (rounds > 60) return {};
      const functionArn = arn(config.functionName === 'ping' ? 'pong' : 'ping');
      const calling = room.lambda.invoke({
        functionArn,
        type: more.type ?? 'RequestResponse',
        payload: bytes('{}'),
        ...(traceId !== undefined && { traceId }),
      });
      const fault = await faultOf(calling);
      if (fault !== 'no fault') faults.push(fault);
      return {};
    },
  });
  await room.createFunction('ping', {
    DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:123456789012:dead' },
  });
  await room.createFunction('pong');
  if (more.loop !== undefined)
    await room.call('PutFunctionRecursionConfig', { FunctionName: 'ping', RecursiveLoop: more.loop });
  if (more.loop !== undefined)
    await room.call('PutFunctionRecursionConfig', { FunctionName: 'pong', RecursiveLoop: more.loop });
  await room.lambda.invoke({ functionArn: arn('ping'), type: 'RequestResponse', payload: bytes('{}') });
  return { rounds: () => rounds, faults, ...room };
}

test('the 17th time round is refused', async () => {
  const { rounds, faults } = await pingPong();
  expect(rounds()).toBe(32);
  expect(faults).toEqual([
    "RecursiveInvocationException: Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources and stopped your function's invocation.",
  ]);
});

test('allowed, it goes round', async () => {
  const { rounds, faults } = await pingPong({ loop: 'Allow' });
  expect(rounds()).toBeGreaterThan(60);
  expect(faults).toEqual([]);
});

test('asynchronously, the event that is stopped goes where failures go', async () => {
  const { rounds, calls, lambda } = await pingPong({ type: 'Event' });
  await until(() => calls.length > 0);
  await lambda.stop?.();
  expect(rounds()).toBe(32);
  expect(calls.map(({ service, operation }) => `${service} ${operation}`)).toEqual(['sqs SendMessage']);
});

test('calls that have nothing to do with one another are not counted together', async () => {
  const room = openRoom();
  await room.createFunction('ping');
  for (let n = 0; n < 40; n++)
    await room.lambda.invoke({ functionArn: arn('ping'), type: 'RequestResponse', payload: bytes('{}') });
  const headers = new Set(room.runs.map(({ request }) => request.traceId));
  expect(headers.size).toBe(40);
  expect(room.runs[0]?.request.traceId).toMatch(
    /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=[0-9a-f]{8}:0$/,
  );
});
