/** Code signing configurations: kept, shown, tagged; and where a signature would have to be good, code is refused. */
import { expect, test } from 'bun:test';
import { faultOf, openRoom, zip } from './testing/room.ts';
import { resourceOf } from './testing/resource.ts';

const PROFILE = 'arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/v';
const publishers = { AllowedPublishers: { SigningProfileVersionArns: [PROFILE] } };

interface Made {
  readonly CodeSigningConfig: { readonly CodeSigningConfigArn: string };
}

async function open(policy?: string) {
  const room = openRoom();
  const { CodeSigningConfig: made } = await room.call<Made>('CreateCodeSigningConfig', {
    ...publishers,
    ...(policy && { CodeSigningPolicies: { UntrustedArtifactOnDeployment: policy } }),
  });
  return { ...room, arn: made.CodeSigningConfigArn, made };
}

test('a life: made, changed, given to a function, taken away, deleted', async () => {
  const { call, createFunction, arn, made } = await open();
  expect(arn).toMatch(/^arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-[a-z0-9]{17}$/);
  expect(made).toMatchObject({
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Warn' },
    ...publishers,
  });
  await createFunction('orders', { CodeSigningConfigArn: arn });
  expect(await call('GetFunctionCodeSigningConfig', { FunctionName: 'orders' })).toEqual({
    CodeSigningConfigArn: arn,
    FunctionName: 'orders',
  });
  expect(await call('ListFunctionsByCodeSigningConfig', { CodeSigningConfigArn: arn })).toEqual({
    FunctionArns: ['arn:aws:lambda:us-east-1:123456789012:function:orders'],
  });
  await call('TagResource', { Resource: arn, Tags: { team: 'a' } });
  expect(await call('ListTags', { Resource: arn })).toEqual({ Tags: { team: 'a' } });
  expect(await faultOf(call('DeleteCodeSigningConfig', { CodeSigningConfigArn: arn }))).toStartWith(
    'ResourceConflictException',
  );
  await call('DeleteFunctionCodeSigningConfig', { FunctionName: 'orders' });
  await call('DeleteCodeSigningConfig', { CodeSigningConfigArn: arn });
  expect(await faultOf(call('GetCodeSigningConfig', { CodeSigningConfigArn: arn }))).toBe(
    `ResourceNotFoundException: The Lambda code signing configuration ${arn} can not be found.`,
  );
  expect(
    await faultOf(
      call('PutFunctionCodeSigningConfig', { FunctionName: 'orders', CodeSigningConfigArn: arn }),
    ),
  ).toBe(
    `CodeSigningConfigNotFoundException: The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${arn}.`,
  );
});

test('Enforce: no code is taken on trust', async () => {
  const { call, createFunction, arn } = await open('Enforce');
  const refused =
    'InvalidParameterValueException: Code for a function whose code signing configuration says Enforce is not supported by gatehouse; nothing was changed';
  expect(await faultOf(createFunction('orders', { CodeSigningConfigArn: arn }))).toBe(refused);
  await createFunction('orders');
  await call('PutFunctionCodeSigningConfig', { FunctionName: 'orders', CodeSigningConfigArn: arn });
  expect(await faultOf(call('UpdateFunctionCode', { FunctionName: 'orders', ZipFile: zip }))).toBe(refused);
});

test('as a resource', async () => {
  const room = openRoom();
  const resource = resourceOf(room, 'AWS::Lambda::CodeSigningConfig', 'Signing');
  const { physicalId } = await resource.create({ ...publishers, Tags: [{ Key: 'a', Value: '1' }] });
  await resource.update({
    ...publishers,
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Enforce' },
    Tags: [{ Key: 'b', Value: '2' }],
  });
  expect(await room.call('GetCodeSigningConfig', { CodeSigningConfigArn: physicalId })).toMatchObject({
    CodeSigningConfig: { CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Enforce' } },
  });
  expect(await room.call('ListTags', { Resource: physicalId })).toEqual({
    Tags: { 'aws:cloudformation:stack-name': 'stack', b: '2' },
  });
  await resource.delete();
  expect(await room.call('ListCodeSigningConfigs', {})).toEqual({ CodeSigningConfigs: [] });
});
