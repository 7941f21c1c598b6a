import { describe, expect, test } from 'bun:test';
import { faultOf, openRoom, ROLE, zip } from './testing/room.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:orders';

describe('functions', () => {
  test('what is created is what is read', async () => {
    const room = openRoom();
    const created = await room.createFunction('orders', {
      Environment: { Variables: { A: 'b' } },
      Tags: { team: 'x' },
    });
    expect(created).toMatchObject({
      FunctionName: 'orders',
      FunctionArn: ARN,
      Runtime: 'nodejs22.x',
      Role: ROLE,
      Handler: 'index.handler',
      CodeSize: zip.length,
      Description: '',
      Timeout: 3,
      MemorySize: 128,
      Version: '$LATEST',
      Environment: { Variables: { A: 'b' } },
      TracingConfig: { Mode: 'PassThrough' },
      State: 'Active',
      LastUpdateStatus: 'Successful',
      PackageType: 'Zip',
      Architectures: ['x86_64'],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/orders' },
      LastModified: '2026-11-01T12:00:00.000+0000',
    });
    const read = await room.call('GetFunction', { FunctionName: ARN });
    expect(read).toEqual({
      Configuration: created,
      Code: { RepositoryType: 'S3', Location: expect.stringContaining('/_aws/lambda/code/') },
      Tags: { team: 'x' },
    });
    expect(await room.call('ListFunctions', {})).toMatchObject({ Functions: [{ FunctionName: 'orders' }] });
  });

  test('the code can be fetched where GetFunction says, for ten minutes, by nobody who changed the link', async () => {
    const room = openRoom();
    await room.createFunction('orders');
    const { Code } = await room.call<{ Code: { Location: string } }>('GetFunction', {
      FunctionName: 'orders',
    });
    const target = Code.Location.slice('http://127.0.0.1:4566'.length);
    expect(await room.lambda.openCode(target)).toEqual(zip);
    expect(await room.lambda.openCode(target.replace('Expires=1', 'Expires=2'))).toBeUndefined();
    room.clock.now += 601_000;
    expect(await room.lambda.openCode(target)).toBeUndefined();
  });

  const refused: [string, object, string][] = [
    [
      'a runtime that never was',
      { Runtime: 'nodejs99.x' },
      "InvalidParameterValueException: Value nodejs99.x at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [",
    ],
    [
      'a runtime nothing here can run',
      { Runtime: 'java21' },
      'InvalidParameterValueException: Runtime java21 is not supported by gatehouse',
    ],
    [
      'an image',
      { PackageType: 'Image', Code: { ImageUri: 'x' } },
      'InvalidParameterValueException: PackageType Image is not supported by gatehouse',
    ],
    [
      'bytes that are no zip',
      { Code: { ZipFile: new Uint8Array(40) } },
      'InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again.',
    ],
    [
      'an empty zip',
      { Code: { ZipFile: new Uint8Array() } },
      'InvalidParameterValueException: Uploaded file must be a non-empty zip',
    ],
    [
      'a folder where folders are not allowed',
      { Code: { S3Bucket: '__folder__', S3Key: '/tmp' } },
      'InvalidParameterValueException: Code from a local folder',
    ],
    [
      'too little memory',
      { MemorySize: 127 },
      "ValidationException: 1 validation error detected: Value '127' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
    ],
    [
      'too much time',
      { Timeout: 901 },
      "ValidationException: 1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
    ],
    [
      'a VPC',
      { VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] } },
      'InvalidParameterValueException: VpcConfig is not supported by gatehouse',
    ],
    [
      'too many variables',
      { Environment: { Variables: { BIG: 'x'.repeat(4096) } } },
      'InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"BIG":"xxx',
    ],
    [
      'a reserved variable',
      { Environment: { Variables: { AWS_REGION: 'x' } } },
      'InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys',
    ],
    [
      'no handler',
      { Handler: undefined },
      'InvalidParameterValueException: Runtime and Handler are mandatory',
    ],
    [
      'another region',
      { FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:x' },
      "ResourceNotFoundException: Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    ],
    [
      'a layer that is not there',
      { Layers: ['arn:aws:lambda:us-east-1:123456789012:layer:x:1'] },
      'InvalidParameterValueException: Layer version arn:aws:lambda:us-east-1:123456789012:layer:x:1 does not exist.',
    ],
  ];
  for (const [name, input, fault] of refused)
    test(`refuses ${name}`, async () => {
      const room = openRoom();
      expect(await faultOf(room.createFunction('orders', input))).toStartWith(fault);
      expect(await room.call('ListFunctions', {})).toEqual({ Functions: [] });
    });

  test('a name is given once', async () => {
    const room = openRoom();
    await room.createFunction('orders');
    expect(await faultOf(room.createFunction('orders'))).toBe(
      'ResourceConflictException: Function already exist: orders',
    );
  });

  test('the role must let Lambda in where roles are enforced', async () => {
    const room = openRoom({ roleIsAssumable: async () => false });
    expect(await faultOf(room.createFunction('orders'))).toBe(
      'InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.',
    );
  });

  test('updates change what they name, and the revision', async () => {
    const room = openRoom();
    const before = await room.createFunction('orders', { Environment: { Variables: { A: 'b' } } });
    const after = await room.call('UpdateFunctionConfiguration', { FunctionName: 'orders', Timeout: 10 });
    expect(after).toMatchObject({ Timeout: 10, Environment: { Variables: { A: 'b' } } });
    expect(after.RevisionId).not.toBe(before.RevisionId);
    expect(
      await faultOf(
        room.call('UpdateFunctionConfiguration', { FunctionName: 'orders', RevisionId: before.RevisionId }),
      ),
    ).toBe(
      'PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    );
    const dry = await room.call('UpdateFunctionCode', { FunctionName: 'orders', ZipFile: zip, DryRun: true });
    expect(dry.RevisionId).toBe(after.RevisionId);
  });

  test('what is deleted is gone, versions and all', async () => {
    const room = openRoom();
    await room.createFunction('orders', { Publish: true });
    await room.call('CreateFunctionUrlConfig', { FunctionName: 'orders', AuthType: 'NONE' });
    await room.call('DeleteFunction', { FunctionName: 'orders' });
    expect(room.retired).toEqual([ARN]);
    expect(await faultOf(room.call('GetFunction', { FunctionName: 'orders', Qualifier: '1' }))).toBe(
      `ResourceNotFoundException: Function not found: ${ARN}:1`,
    );
    expect(await faultOf(room.call('DeleteFunction', { FunctionName: 'orders' }))).toBe(
      `ResourceNotFoundException: Function not found: ${ARN}`,
    );
  });
});

describe('versions and aliases', () => {
  test('publishing twice without a change gives the same version', async () => {
    const room = openRoom();
    await room.createFunction('orders');
    expect(await room.call('PublishVersion', { FunctionName: 'orders' })).toMatchObject({ Version: '1' });
    expect(await room.call('PublishVersion', { FunctionName: 'orders' })).toMatchObject({ Version: '1' });
    await room.call('UpdateFunctionConfiguration', { FunctionName: 'orders', Timeout: 10 });
    expect(await room.call('PublishVersion', { FunctionName: 'orders' })).toMatchObject({
      Version: '2',
      FunctionArn: `${ARN}:2`,
    });
    expect(
      await room.call('GetFunctionConfiguration', { FunctionName: 'orders', Qualifier: '1' }),
    ).toMatchObject({
      Timeout: 3,
    });
    const { Versions } = await room.call<{ Versions: { FunctionArn: string }[] }>('ListVersionsByFunction', {
      FunctionName: 'orders',
    });
    expect(Versions.map((version) => version.FunctionArn)).toEqual([
      `${ARN}:$LATEST`,
      `${ARN}:1`,
      `${ARN}:2`,
    ]);
  });

  test('an alias in use keeps its version', async () => {
    const room = openRoom();
    await room.createFunction('orders', { Publish: true });
    const alias = await room.call('CreateAlias', {
      FunctionName: 'orders',
      Name: 'live',
      FunctionVersion: '1',
    });
    expect(alias).toEqual({
      AliasArn: `${ARN}:live`,
      Name: 'live',
      FunctionVersion: '1',
      Description: '',
      RevisionId: expect.any(String),
    });
    expect(await faultOf(room.call('DeleteFunction', { FunctionName: 'orders', Qualifier: '1' }))).toBe(
      'ResourceConflictException: Cannot delete a function version that is referenced by the following alias(es): [live]',
    );
  });

  const weights: [string, object, string][] = [
    [
      'two more versions',
      { '1': 0.1, '2': 0.1 },
      'Number of items in AdditionalVersionWeights cannot be greater than 1',
    ],
    [
      'the same version',
      { '1': 0.1 },
      'Invalid function version 1. Function version 1 is already included in routing configuration.',
    ],
    ['too much weight', { '2': 2 }, "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights'"],
    ['a version that is not there', { '7': 0.1 }, `Function not found: ${ARN}:7`],
  ];
  for (const [name, AdditionalVersionWeights, fault] of weights)
    test(`refuses weights with ${name}`, async () => {
      const room = openRoom();
      await room.createFunction('orders', { Publish: true });
      const made = room.call('CreateAlias', {
        FunctionName: 'orders',
        Name: 'live',
        FunctionVersion: '1',
        RoutingConfig: { AdditionalVersionWeights },
      });
      expect(await faultOf(made)).toContain(fault);
    });
});
