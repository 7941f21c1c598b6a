/** Stack policies: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html */
import type {
  GetStackPolicyInput,
  GetStackPolicyOutput,
  SetStackPolicyInput,
} from '@aws-sdk/client-cloudformation';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { validationError } from './faults.ts';
import { needStack } from './find-stack.ts';
import { readPolicy } from './stack-policy-check.ts';
import type { CloudFormationRoom } from './ports.ts';
import { putStack } from './rows.ts';
import { fetchTemplate } from './template-source.ts';

export const stackPolicyOperations = (room: CloudFormationRoom) => ({
  async SetStackPolicy(input: SetStackPolicyInput, call: Call): Promise<object> {
    const policy = await policyText(room, call, input.StackPolicyBody, input.StackPolicyURL);
    if (policy === undefined)
      throw validationError('Either StackPolicyBody or StackPolicyURL must be specified.');
    await room.store.transaction(async (rows) => {
      const stack = await needStack(rows, call.scope, input.StackName);
      await putStack(rows, call.scope, { ...stack, policy });
    });
    return {};
  },

  async GetStackPolicy(input: GetStackPolicyInput, call: Call): Promise<GetStackPolicyOutput> {
    const { policy } = await needStack(room.store, call.scope, input.StackName);
    return policy === undefined ? {} : { StackPolicyBody: policy };
  },
});

export async function policyText(
  room: CloudFormationRoom,
  call: Call,
  body: string | undefined,
  url: string | undefined,
): Promise<string | undefined> {
  const text = url === undefined ? body : await fetchTemplate(room, call, url);
  if (text === undefined) return undefined;
  if (Buffer.byteLength(text) > limits.stackPolicyBytes)
    throw validationError(`Stack policy may not exceed ${limits.stackPolicyBytes} bytes in size.`);
  if (readPolicy(text) === undefined)
    throw validationError('Error validating stack policy: Invalid stack policy');
  return text;
}
