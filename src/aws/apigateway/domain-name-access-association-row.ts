import { table } from '../../store/store.ts';

export interface AccessAssociationRow {
  readonly domainNameArn: string;
  readonly accessAssociationSourceType: 'VPCE';
  /** `vpce-...` */
  readonly accessAssociationSource: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Keyed by the end of its ARN: `domainname/{name}+{id}/vpcesource/{vpce id}`. */
export const accessAssociations = table<AccessAssociationRow>('apigateway.domain-name-access-associations');
