/** The records around a function: concurrency, event invoke configs, URLs, tags. */
import { describe, expect, test } from 'bun:test';
import { faultOf, openRoom, until } from './testing/room.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:orders';

const refused: [operation: string, input: object, fault: string][] = [
  [
    'PutFunctionConcurrency',
    { FunctionName: 'absent', ReservedConcurrentExecutions: 1 },
    'ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:absent:$LATEST',
  ],
  [
    'PutFunctionConcurrency',
    { FunctionName: `${ARN}:1`, ReservedConcurrentExecutions: 1 },
    'InvalidParameterValueException: This operation is permitted on Lambda functions only.',
  ],
  [
    'PutFunctionConcurrency',
    { FunctionName: 'orders', ReservedConcurrentExecutions: 901 },
    "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
  ],
  [
    'PutProvisionedConcurrencyConfig',
    { FunctionName: 'orders', Qualifier: '$LATEST', ProvisionedConcurrentExecutions: 1 },
    'InvalidParameterValueException: Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
  ],
  [
    'GetProvisionedConcurrencyConfig',
    { FunctionName: 'orders', Qualifier: 'noalias' },
    `ResourceNotFoundException: Cannot find alias arn: ${ARN}:noalias`,
  ],
  [
    'GetProvisionedConcurrencyConfig',
    { FunctionName: 'orders', Qualifier: '10' },
    `ResourceNotFoundException: Function not found: ${ARN}:10`,
  ],
  [
    'PutFunctionEventInvokeConfig',
    { FunctionName: 'absent', MaximumRetryAttempts: 1 },
    "ResourceNotFoundException: The function doesn't exist.",
  ],
  [
    'PutFunctionEventInvokeConfig',
    { FunctionName: 'orders' },
    'InvalidParameterValueException: You must specify at least one of error handling or destination setting.',
  ],
  [
    'PutFunctionEventInvokeConfig',
    { FunctionName: 'orders', DestinationConfig: { OnSuccess: { Destination: ARN } } },
    "InvalidParameterValueException: You can't specify the function as a destination for itself.",
  ],
  [
    'PutFunctionEventInvokeConfig',
    { FunctionName: 'orders', DestinationConfig: { OnSuccess: { Destination: `${ARN}s` } } },
    `InvalidParameterValueException: The destination ARN ${ARN}s is invalid.`,
  ],
  [
    'PutFunctionEventInvokeConfig',
    {
      FunctionName: 'orders',
      DestinationConfig: { OnSuccess: { Destination: 'arn:aws:iam:us-east-1:123456789012:x' } },
    },
    'InvalidParameterValueException: The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:iam:us-east-1:123456789012:x), onFailure=null) is invalid.',
  ],
  [
    'GetFunctionEventInvokeConfig',
    { FunctionName: 'orders' },
    `ResourceNotFoundException: The function ${ARN}:$LATEST doesn't have an EventInvokeConfig`,
  ],
  [
    'CreateFunctionUrlConfig',
    { FunctionName: 'absent', AuthType: 'NONE' },
    'ResourceNotFoundException: Function does not exist',
  ],
  [
    'CreateFunctionUrlConfig',
    { FunctionName: 'orders', Qualifier: '1', AuthType: 'NONE' },
    "ValidationException: 1 validation error detected: Value '1' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)",
  ],
  [
    'GetFunctionUrlConfig',
    { FunctionName: 'orders' },
    'ResourceNotFoundException: The resource you requested does not exist.',
  ],
  [
    'AddPermission',
    {
      FunctionName: 'orders',
      Qualifier: '$LATEST',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
    },
    'InvalidParameterValueException: We currently do not support adding policies for $LATEST.',
  ],
  [
    'AddPermission',
    {
      FunctionName: 'orders',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'invalid.nonaws.com',
    },
    'InvalidParameterValueException: The provided principal was invalid. Please check the principal and try again.',
  ],
  [
    'RemovePermission',
    { FunctionName: 'absent', StatementId: 's' },
    'ResourceNotFoundException: No policy found for: arn:aws:lambda:us-east-1:123456789012:function:absent',
  ],
  [
    'TagResource',
    { Resource: `${ARN}:1`, Tags: { a: 'b' } },
    'InvalidParameterValueException: Tags on function aliases and versions are not supported. Please specify a function ARN.',
  ],
  [
    'GetFunction',
    { FunctionName: `${ARN}:1`, Qualifier: '2' },
    'InvalidParameterValueException: The derived qualifier from the function name does not match the specified qualifier.',
  ],
  [
    'DeleteFunction',
    { FunctionName: 'orders', Qualifier: '$LATEST' },
    'InvalidParameterValueException: $LATEST version cannot be deleted without deleting the function.',
  ],
];

describe('refusals', () => {
  for (const [operation, input, fault] of refused)
    test(`${operation} ${JSON.stringify(input)}`, async () => {
      const room = openRoom();
      await room.createFunction('orders');
      expect(await faultOf(room.call(operation, input))).toStartWith(fault);
    });
});

test('provisioned concurrency is either a version’s or its alias’s', async () => {
  const room = openRoom();
  await room.createFunction('orders', { Publish: true });
  await room.call('CreateAlias', { FunctionName: 'orders', Name: 'live', FunctionVersion: '1' });
  const put = (Qualifier: string) =>
    room.call('PutProvisionedConcurrencyConfig', {
      FunctionName: 'orders',
      Qualifier,
      ProvisionedConcurrentExecutions: 1,
    });
  await put('1');
  expect(await faultOf(put('live'))).toBe(
    "ResourceConflictException: Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
  );
  await room.call('DeleteProvisionedConcurrencyConfig', { FunctionName: 'orders', Qualifier: '1' });
  await put('live');
  expect(await faultOf(put('1'))).toBe(
    'ResourceConflictException: Version is pointed by a Provisioned Concurrency alias',
  );
  await room.call('DeleteAlias', { FunctionName: 'orders', Name: 'live' });
  expect(await room.call('ListProvisionedConcurrencyConfigs', { FunctionName: 'orders' })).toEqual({
    ProvisionedConcurrencyConfigs: [],
  });
});

test('a URL is there once, and found by its id', async () => {
  const room = openRoom();
  await room.createFunction('orders', { Tags: { _custom_id_: 'mine' } });
  const input = { FunctionName: 'orders', AuthType: 'NONE' };
  expect(await room.call('CreateFunctionUrlConfig', input)).toMatchObject({
    FunctionUrl: 'http://mine.lambda-url.us-east-1.localhost:4566/',
    FunctionArn: ARN,
  });
  expect(await faultOf(room.call('CreateFunctionUrlConfig', input))).toBe(
    `ResourceConflictException: Failed to create function url config for [functionArn = ${ARN}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
  );
  expect(await room.lambda.findFunctionUrl('mine')).toMatchObject({
    functionArn: ARN,
    invokeMode: 'BUFFERED',
  });
  await room.call('DeleteFunction', { FunctionName: 'orders' });
  expect(await room.lambda.findFunctionUrl('mine')).toBeUndefined();
});

test('lists come in pages', async () => {
  const room = openRoom();
  for (const name of ['a', 'b', 'c']) await room.createFunction(name);
  interface Page {
    readonly Functions: { readonly FunctionName: string }[];
    readonly NextMarker?: string;
  }
  const first = await room.call<Page>('ListFunctions', { MaxItems: 2 });
  const second = await room.call<Page>('ListFunctions', { MaxItems: 2, Marker: first.NextMarker });
  expect([first, second].map((page) => page.Functions.map(({ FunctionName }) => FunctionName))).toEqual([
    ['a', 'b'],
    ['c'],
  ]);
  expect(second.NextMarker).toBeUndefined();
});

test('provisioned concurrency is allocated, told of, and follows its alias', async () => {
  const provisioned: string[] = [];
  const room = openRoom({
    runner: {
      run: async () => ({ payload: new TextEncoder().encode('null'), durationMs: 1, billedDurationMs: 1 }),
      provision: async ({ version }, count) => {
        provisioned.push(`${version}: ${count}`);
        return count;
      },
      retire: () => {},
      close: async () => {},
    },
  });
  await room.createFunction('orders', { Publish: true });
  await room.call('CreateAlias', { FunctionName: 'orders', Name: 'live', FunctionVersion: '1' });
  const target = { FunctionName: 'orders', Qualifier: 'live' };
  const put = { ...target, ProvisionedConcurrentExecutions: 2 };
  expect(await room.call('PutProvisionedConcurrencyConfig', put)).toMatchObject({
    Status: 'IN_PROGRESS',
    AllocatedProvisionedConcurrentExecutions: 0,
  });
  const isReady = async (): Promise<boolean> =>
    (await room.call('GetProvisionedConcurrencyConfig', target))['Status'] === 'READY';
  await until(isReady);
  expect(provisioned).toEqual(['1: 2']);
  await room.call('UpdateFunctionConfiguration', { FunctionName: 'orders', Timeout: 9 });
  await room.call('PublishVersion', { FunctionName: 'orders' });
  await room.call('UpdateAlias', { FunctionName: 'orders', Name: 'live', FunctionVersion: '2' });
  await until(() => provisioned.length === 3);
  expect(provisioned.toSorted()).toEqual(['1: 0', '1: 2', '2: 2']);
  await room.call('DeleteProvisionedConcurrencyConfig', target);
  await until(() => provisioned.length === 4);
  expect(provisioned.at(-1)).toBe('2: 0');
});
