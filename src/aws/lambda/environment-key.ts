/**
 * The KMS key of a function's environment variables: it must be there and usable when they are set, and again whenever an
 * environment is to start. Variables lie in the rows as they are: who reads the data folder reads them.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 */
import type { DescribeKeyResponse } from '@aws-sdk/client-kms';
import { Fault, isFault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { invalidParameter } from './fault.ts';
import type { LambdaPorts } from './ports.ts';
import { createSourceCall } from './source-call.ts';

interface KeyUse {
  readonly keyArn: string;
  readonly roleArn: string;
  readonly functionName: string;
  readonly scope: Scope;
}

type Ports = Pick<LambdaPorts, 'call'>;

async function stateOf(ports: Ports, { keyArn, roleArn, functionName, scope }: KeyUse): Promise<string> {
  const call = createSourceCall(ports, { arn: keyArn, roleArn, sessionName: functionName, fallback: scope });
  const { KeyMetadata } = await call<DescribeKeyResponse>('kms', 'DescribeKey', { KeyId: keyArn });
  return KeyMetadata?.KeyState ?? 'Unavailable';
}

/** For changes of a function. Throws `Fault` in Lambda's words, as people quote them. */
export async function checkKey(ports: Ports, use: KeyUse): Promise<void> {
  const invalid = (code: string, message: string): Fault =>
    invalidParameter(
      `Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: ${code} KMS Message: ${message}`,
    );
  let state: string;
  try {
    state = await stateOf(ports, use);
  } catch (thrown) {
    throw isFault(thrown) ? invalid(thrown.code, thrown.message) : thrown;
  }
  if (state === 'Enabled') return;
  throw invalid(
    state === 'Disabled' ? 'DisabledException' : 'KMSInvalidStateException',
    `${use.keyArn} is ${state === 'Disabled' ? 'disabled' : 'pending deletion'}.`,
  );
}

/** For invocations: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors. Throws `Fault`. */
export async function needKey(ports: Ports, use: KeyUse): Promise<void> {
  const refuse = (code: string, reason: string): Fault =>
    new Fault(
      code,
      `Lambda was unable to decrypt the environment variables because ${reason}. Please check the function's KMS key settings.`,
      { status: 502, members: { Type: 'User' } },
    );
  let state: string;
  try {
    state = await stateOf(ports, use);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    throw /AccessDenied/.test(thrown.code)
      ? refuse('KMSAccessDeniedException', 'KMS access was denied')
      : refuse('KMSNotFoundException', 'the KMS key was not found');
  }
  if (state === 'Disabled') throw refuse('KMSDisabledException', 'the KMS key used is disabled');
  if (state !== 'Enabled')
    throw refuse('KMSInvalidStateException', 'the KMS key used is in an invalid state for Decrypt');
}
