/** The key of a function's environment variables: there when they are set, and when they are needed. */
import { expect, test } from 'bun:test';
import { Fault } from '../../base/fault.ts';
import { faultOf, openRoom } from './testing/room.ts';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1';

function open() {
  const key = { state: 'Enabled' as string | undefined };
  const callers: string[] = [];
  const room = openRoom({
    call: async ({ caller }) => {
      callers.push(caller.arn);
      if (key.state === undefined) throw new Fault('NotFoundException', `Key '${KEY}' does not exist`);
      return { KeyMetadata: { KeyState: key.state } };
    },
  });
  const create = () =>
    room.createFunction('orders', { KMSKeyArn: KEY, Environment: { Variables: { TABLE: 'orders' } } });
  return { ...room, key, callers, create };
}

test('shown, changed and taken away; asked for by the role', async () => {
  const { create, call, callers } = open();
  await create();
  expect(callers).toEqual(['arn:aws:sts::123456789012:assumed-role/orders/orders']);
  expect(await call('GetFunctionConfiguration', { FunctionName: 'orders' })).toMatchObject({
    KMSKeyArn: KEY,
  });
  await call('UpdateFunctionConfiguration', { FunctionName: 'orders', KMSKeyArn: '' });
  expect((await call('GetFunctionConfiguration', { FunctionName: 'orders' })).KMSKeyArn).toBeUndefined();
});

test('no such key', async () => {
  const { create, key } = open();
  key.state = undefined;
  expect(await faultOf(create())).toBe(
    `InvalidParameterValueException: Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: NotFoundException KMS Message: Key '${KEY}' does not exist`,
  );
});

test.each([
  [
    'Disabled',
    "KMSDisabledException: Lambda was unable to decrypt the environment variables because the KMS key used is disabled. Please check the function's KMS key settings.",
  ],
  [
    'PendingDeletion',
    "KMSInvalidStateException: Lambda was unable to decrypt the environment variables because the KMS key used is in an invalid state for Decrypt. Please check the function's KMS key settings.",
  ],
  [
    undefined,
    "KMSNotFoundException: Lambda was unable to decrypt the environment variables because the KMS key was not found. Please check the function's KMS key settings.",
  ],
])('a key that is %p by now', async (state, fault) => {
  const { create, key, call } = open();
  await create();
  key.state = state;
  expect(await faultOf(call('Invoke', { FunctionName: 'orders' }))).toBe(fault);
});
