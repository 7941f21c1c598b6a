/** Temporary credentials of a user or the root: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
import type {
  GetFederationTokenRequest,
  GetFederationTokenResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import { parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Caller } from '../../base/ports.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { globalScope } from '../iam/scope.ts';
import { issueSession, shownCredentials } from './credentials.ts';
import { accessDenied } from './faults.ts';
import { sessionPoliciesOf } from './session-policy.ts';
import { findSession } from './session-row.ts';

export const sessionTokenOperations = (ports: ServicePorts) => ({
  GetSessionToken: async (
    input: GetSessionTokenRequest,
    { caller }: Call,
  ): Promise<GetSessionTokenResponse> => {
    if (input.SerialNumber ?? input.TokenCode)
      throw accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code.');
    await refuseSession(ports, caller, 'GetSessionToken');
    const session = await issueSession(ports, {
      callerOf: (accessKeyId) => ({ ...caller, accessKeyId }),
      ownerArn: caller.arn,
      durationSeconds: durationOf(caller, input.DurationSeconds),
    });
    return { Credentials: shownCredentials(session) };
  },

  /** A federated user may do what its policies and those of the one who vouches for it both allow: without any, nothing. */
  GetFederationToken: async (
    input: GetFederationTokenRequest,
    { caller }: Call,
  ): Promise<GetFederationTokenResponse> => {
    await refuseSession(ports, caller, 'GetFederationToken');
    const { Name = '' } = input;
    const policies = await sessionPoliciesOf(ports.store, globalScope(caller.account), input);
    const arn = `arn:${parseArn(caller.arn)?.partition ?? 'aws'}:sts::${caller.account}:federated-user/${Name}`;
    const userId = `${caller.account}:${Name}`;
    const session = await issueSession(ports, {
      callerOf: (accessKeyId) => ({ kind: 'user', account: caller.account, arn, userId, accessKeyId }),
      ownerArn: caller.arn,
      durationSeconds: durationOf(caller, input.DurationSeconds),
      policies: [],
      ...policies,
      tags: input.Tags,
    });
    return {
      Credentials: shownCredentials(session),
      FederatedUser: { Arn: arn, FederatedUserId: userId },
    };
  },
});

/** The root's sessions last an hour at most. */
function durationOf({ kind }: Caller, seconds: number = limits.stsSessionTokenSeconds.default): number {
  return kind === 'root' ? Math.min(seconds, limits.stsChainedSessionSeconds) : seconds;
}

/** Only long-term credentials may ask. */
async function refuseSession({ store }: ServicePorts, caller: Caller, operation: string): Promise<void> {
  if (caller.kind === 'assumed-role' || (await findSession(store, caller.accessKeyId)))
    throw accessDenied(`Cannot call ${operation} with session credentials`);
}
