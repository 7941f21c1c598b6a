/** Who calls: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
import type {
  GetAccessKeyInfoRequest,
  GetAccessKeyInfoResponse,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { findAccessKey } from '../iam/find-access-key.ts';
import { validationError } from './faults.ts';

export const callerIdentityOperations = ({ store }: ServicePorts) => ({
  /** The root's user id is its account's number. */
  GetCallerIdentity: async (_: object, { caller }: Call): Promise<GetCallerIdentityResponse> => ({
    UserId: caller.kind === 'root' ? caller.account : caller.userId,
    Account: caller.account,
    Arn: caller.arn,
  }),

  GetAccessKeyInfo: async (
    { AccessKeyId = '' }: GetAccessKeyInfoRequest,
    { caller }: Call,
  ): Promise<GetAccessKeyInfoResponse> => {
    if (AccessKeyId === caller.accessKeyId) return { Account: caller.account };
    const known = await findAccessKey(store)(AccessKeyId);
    if (!known) throw validationError(`The access key ${AccessKeyId} was not made here`);
    return { Account: known.caller.account };
  },
});
