/** What STS needs besides what every service gets. */
import type { FetchDocument } from '../../lang/jwt/issuer-keys.ts';
import type { ServicePorts } from '../../wire/service.ts';

export interface StsPorts extends ServicePorts {
  /** Documents of issuers of web identities; absent: over the network. */
  readonly fetchDocument?: FetchDocument;
}
