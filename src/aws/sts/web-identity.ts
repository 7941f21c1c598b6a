/** AssumeRoleWithWebIdentity: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
import type { AssumeRoleWithWebIdentityResponse } from '@aws-sdk/client-sts';
import { Fault } from '../../base/fault.ts';

/** A token can be judged only by its issuer's keys, which nothing here fetches: every token is refused. */
export const webIdentityOperations = () => ({
  AssumeRoleWithWebIdentity: async (): Promise<AssumeRoleWithWebIdentityResponse> => {
    throw new Fault(
      'InvalidIdentityTokenException',
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  },
});
