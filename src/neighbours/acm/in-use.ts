/** Who shows a certificate: custom domain names of API Gateway. */
import type { DomainNames } from '@aws-sdk/client-api-gateway';
import type { Call } from '../../wire/service.ts';
import type { AcmPorts } from './ports.ts';

/** ARNs of domain names, by the ARN of their certificate; of the certificate's region and, for edge names, of every region. */
export async function usersOfCertificates(
  ports: AcmPorts,
  { scope, caller }: Call,
): Promise<Map<string, string[]>> {
  const users = new Map<string, string[]>();
  let position: string | undefined;
  do {
    const input = { limit: 500, position };
    // The same handler that an SDK call reaches: its answer is the SDK's.
    const page = (await ports.call({
      service: 'apigateway',
      operation: 'GetDomainNames',
      input,
      scope,
      caller,
    })) as DomainNames;
    for (const { domainNameArn = '', ...name } of page.items ?? [])
      for (const arn of [
        name.certificateArn,
        name.regionalCertificateArn,
        name.ownershipVerificationCertificateArn,
      ])
        if (arn) users.set(arn, [...(users.get(arn) ?? []), domainNameArn]);
    position = page.position;
  } while (position !== undefined);
  return users;
}
