import { describe, expect, test } from 'bun:test';
import { limits } from '../../base/limits.ts';
import type { Invocation } from '../../base/ports.ts';
import { throttled } from './invoke.ts';
import { bytes, faultOf, openRoom, scope, text, until } from './testing/room.ts';
import { events } from './event-queue.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:orders';
const GATEWAY = {
  servicePrincipal: 'apigateway.amazonaws.com',
  sourceArn: 'arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET/orders',
};
const plain = (more: Partial<Invocation> = {}): Invocation => ({
  functionArn: ARN,
  type: 'RequestResponse',
  payload: bytes('{"a":1}'),
  ...more,
});

describe('invoke', () => {
  test('runs the function and answers what it said', async () => {
    const room = openRoom({ run: (_, request) => ({ payload: request.payload, logTail: 'bG9n' }) });
    await room.createFunction('orders', { Environment: { Variables: { TABLE: 't' } } });
    const answer = await room.call<{ Payload: Uint8Array }>('Invoke', {
      FunctionName: 'orders',
      Payload: bytes('[1]'),
      LogType: 'Tail',
    });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST', LogResult: 'bG9n' });
    expect(text(answer.Payload)).toBe('[1]');
    expect(room.runs[0]?.config).toMatchObject({
      functionArn: ARN,
      version: '$LATEST',
      runtime: 'nodejs22.x',
      environment: { TABLE: 't' },
      logGroup: '/aws/lambda/orders',
    });
    expect(room.runs[0]?.request).toMatchObject({ invokedFunctionArn: ARN, wantLogTail: true });
  });

  test('without a payload the event is {}', async () => {
    const room = openRoom();
    await room.createFunction('orders');
    await room.call('Invoke', { FunctionName: 'orders' });
    expect(text(room.runs[0]?.request.payload)).toBe('{}');
  });

  test('a function that fails still answers 200', async () => {
    const room = openRoom({
      run: () => ({ functionError: 'Unhandled', payload: bytes('{"errorMessage":"no"}') }),
    });
    await room.createFunction('orders');
    expect(await room.call('Invoke', { FunctionName: 'orders' })).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
    });
  });

  test('a warm call touches no row', async () => {
    const room = openRoom();
    await room.createFunction('orders');
    await room.lambda.invoke(plain());
    const store = room.store;
    const touched: string[] = [];
    for (const name of ['get', 'list', 'read', 'transaction'] as const)
      Object.defineProperty(store, name, {
        value: () => {
          touched.push(name);
          throw new Error(name);
        },
      });
    await room.lambda.invoke(plain());
    expect(touched).toEqual([]);
  });

  test('a change of configuration is met by the next call, and changes the revision', async () => {
    const room = openRoom();
    await room.createFunction('orders');
    await room.lambda.invoke(plain());
    await room.call('UpdateFunctionConfiguration', { FunctionName: 'orders', Timeout: 9 });
    await room.lambda.invoke(plain());
    await room.call('TagResource', { Resource: ARN, Tags: { a: 'b' } });
    await room.lambda.invoke(plain());
    const [first, second, third] = room.runs.map((run) => run.config);
    expect(second?.timeoutSeconds).toBe(9);
    expect(second?.revision).not.toBe(first?.revision);
    expect(third?.revision).toBe(second?.revision);
  });

  const refused: [string, Partial<Invocation>, string][] = [
    [
      'no such function',
      { functionArn: `${ARN}s` },
      `ResourceNotFoundException: Function not found: ${ARN}s`,
    ],
    [
      'no such qualifier',
      { functionArn: `${ARN}:live` },
      `ResourceNotFoundException: Function not found: ${ARN}:live`,
    ],
    [
      'a payload that is not JSON',
      { payload: bytes('nope') },
      "InvalidRequestContentException: Could not parse request body into json: Could not parse payload into json: Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    ],
    [
      'too large a payload',
      { payload: new Uint8Array(limits.lambdaSynchronousPayloadBytes + 1) },
      'RequestTooLargeException: Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    ],
    [
      'too large an event',
      { type: 'Event', payload: new Uint8Array(limits.lambdaAsynchronousPayloadBytes + 1) },
      'RequestTooLargeException: 1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
    ],
    [
      'a service without permission',
      { invoker: GATEWAY },
      `AccessDeniedException: User: apigateway.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: ${ARN} because no resource-based policy allows the lambda:InvokeFunction action`,
    ],
  ];
  for (const [name, more, fault] of refused)
    test(`refuses ${name}`, async () => {
      const room = openRoom();
      await room.createFunction('orders');
      expect(await faultOf(room.lambda.invoke(plain(more)))).toStartWith(fault);
      expect(room.runs).toEqual([]);
    });

  test('weights share the calls', async () => {
    let draw = 0;
    const room = openRoom({
      random: (count) =>
        count === 4 ? new Uint8Array([draw, 0, 0, 0]) : crypto.getRandomValues(new Uint8Array(count)),
    });
    await room.createFunction('orders', { Publish: true });
    await room.call('UpdateFunctionConfiguration', { FunctionName: 'orders', Timeout: 9 });
    await room.call('PublishVersion', { FunctionName: 'orders' });
    await room.call('CreateAlias', {
      FunctionName: 'orders',
      Name: 'live',
      FunctionVersion: '1',
      RoutingConfig: { AdditionalVersionWeights: { '2': 0.25 } },
    });
    const executed: string[] = [];
    for (draw of [0, 63, 64, 255])
      executed.push((await room.lambda.invoke(plain({ functionArn: `${ARN}:live` }))).executedVersion);
    expect(executed).toEqual(['2', '2', '1', '1']);
    expect(room.runs[0]?.request.invokedFunctionArn).toBe(`${ARN}:live`);
  });
});

describe('a service may invoke', () => {
  const granted: [string, object, boolean][] = [
    ['with its principal', {}, true],
    [
      'from the API allowed',
      { SourceArn: 'arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/orders' },
      true,
    ],
    ['from any stage and method', { SourceArn: 'arn:aws:execute-api:us-east-1:123456789012:abc/*' }, true],
    ['not from another API', { SourceArn: 'arn:aws:execute-api:us-east-1:123456789012:xyz/*' }, false],
    ['not when * would have to cross a colon', { SourceArn: 'arn:aws:execute-api:*:abc/*' }, false],
    ['from its account', { SourceAccount: '123456789012' }, true],
    ['not from another account', { SourceAccount: '210987654321' }, false],
    ['not by another principal', { Principal: 's3.amazonaws.com' }, false],
    ['not by another action', { Action: 'lambda:GetFunction' }, false],
    ['by every action', { Action: 'lambda:*' }, true],
  ];
  for (const [name, more, allowed] of granted)
    test(name, async () => {
      const room = openRoom();
      await room.createFunction('orders');
      await room.call('AddPermission', {
        FunctionName: 'orders',
        StatementId: 'gw',
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        ...more,
      });
      const fault = await faultOf(room.lambda.invoke(plain({ invoker: GATEWAY })));
      expect(fault === 'no fault').toBe(allowed);
    });

  test('until the permission is taken away', async () => {
    const room = openRoom();
    await room.createFunction('orders');
    const permission = {
      FunctionName: 'orders',
      StatementId: 'gw',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    };
    await room.call('AddPermission', permission);
    expect(await faultOf(room.call('AddPermission', permission))).toBe(
      'ResourceConflictException: The statement id (gw) provided already exists. Please provide a new statement id, or remove the existing statement.',
    );
    await room.lambda.invoke(plain({ invoker: GATEWAY }));
    await room.call('RemovePermission', { FunctionName: 'orders', StatementId: 'gw' });
    expect(await faultOf(room.lambda.invoke(plain({ invoker: GATEWAY })))).toStartWith(
      'AccessDeniedException',
    );
    expect(await faultOf(room.call('GetPolicy', { FunctionName: 'orders' }))).toBe(
      'ResourceNotFoundException: The resource you requested does not exist.',
    );
  });
});

describe('events', () => {
  const event = plain({ type: 'Event' });

  test('are stored before the answer, run, and gone when done', async () => {
    const held = Promise.withResolvers<void>();
    const room = openRoom({
      run: async () => {
        await held.promise;
        return {};
      },
    });
    await room.createFunction('orders');
    const answer = await room.lambda.invoke(event);
    expect(answer.status).toBe(202);
    expect((await room.store.list(events, scope)).map(({ key }) => key)).toEqual([answer.requestId]);
    held.resolve();
    await until(async () => (await room.store.list(events, scope)).length === 0);
    expect(room.runs[0]?.request).toMatchObject({ requestId: answer.requestId });
  });

  test('that fail are tried three times, a minute and two minutes apart, then go to the failure destination and the dead-letter queue', async () => {
    const room = openRoom({
      run: () => ({ functionError: 'Unhandled', payload: bytes('{"errorMessage":"no"}') }),
    });
    await room.createFunction('orders', {
      DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:123456789012:dead' },
    });
    await room.call('PutFunctionEventInvokeConfig', {
      FunctionName: 'orders',
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sns:us-east-1:123456789012:failed' } },
    });
    await room.lambda.invoke(event);
    await until(() => room.timers.size === 1);
    expect(room.runs).toHaveLength(1);
    room.advance(59_999);
    expect(room.runs).toHaveLength(1);
    room.advance(1);
    await until(() => room.timers.size === 1);
    room.advance(120_000);
    await until(async () => (await room.store.list(events, scope)).length === 0);
    expect(room.runs).toHaveLength(3);
    expect(room.calls.map(({ service, operation }) => `${service}:${operation}`)).toEqual([
      'sns:Publish',
      'sqs:SendMessage',
    ]);
    const [published, dead] = room.calls.map(({ input }) => input as Record<string, string>);
    expect(JSON.parse(published?.Message ?? '')).toMatchObject({
      version: '1.0',
      requestContext: {
        functionArn: `${ARN}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: { a: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorMessage: 'no' },
    });
    expect(dead).toMatchObject({
      MessageBody: '{"a":1}',
      QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/dead',
    });
  });

  test('that are throttled wait longer each time and are no attempt', async () => {
    let busy = true;
    const room = openRoom({
      run: () => {
        if (busy) throw throttled('ConcurrentInvocationLimitExceeded');
        return {};
      },
    });
    await room.createFunction('orders');
    await room.lambda.invoke(event);
    for (const wait of [1_000, 2_000, 4_000]) {
      await until(() => room.timers.size === 1);
      expect([...room.timers][0]?.at).toBe(room.clock.now + wait);
      room.advance(wait);
    }
    await until(() => room.timers.size === 1);
    busy = false;
    room.advance(8_000);
    await until(async () => (await room.store.list(events, scope)).length === 0);
    expect(room.runs).toHaveLength(5);
  });

  test('go straight to their end when nothing may run', async () => {
    const room = openRoom();
    await room.createFunction('orders');
    await room.call('PutFunctionConcurrency', { FunctionName: 'orders', ReservedConcurrentExecutions: 0 });
    expect(await faultOf(room.lambda.invoke(plain()))).toBe('TooManyRequestsException: Rate Exceeded.');
    expect((await room.lambda.invoke(event)).status).toBe(202);
    await until(async () => (await room.store.list(events, scope)).length === 0);
    expect(room.runs).toEqual([]);
  });

  test('that were accepted run after a restart', async () => {
    const held = Promise.withResolvers<void>();
    const first = openRoom({
      run: async () => {
        await held.promise;
        return {};
      },
    });
    await first.createFunction('orders');
    const { requestId } = await first.lambda.invoke(event);
    const second = openRoom({ store: first.store });
    await second.lambda.start?.();
    await until(async () => (await second.store.list(events, scope)).length === 0);
    expect(second.runs.map(({ request }) => request.requestId)).toEqual([requestId]);
    held.resolve();
  });
});
