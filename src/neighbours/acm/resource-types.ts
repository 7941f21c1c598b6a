/** AWS::CertificateManager::Certificate and ::Account. */
import type {
  DomainValidationOption,
  KeyAlgorithm,
  ListTagsForCertificateResponse,
  RequestCertificateResponse,
  Tag,
  ValidationMethod,
} from '@aws-sdk/client-acm';
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceType } from '../../base/resource-type.ts';

interface CertificateProperties {
  readonly DomainName: string;
  readonly SubjectAlternativeNames?: readonly string[];
  /** `HostedZoneId` is where CloudFormation would write the record that proves the domain: there is nothing to prove. */
  readonly DomainValidationOptions?: readonly (DomainValidationOption & { readonly HostedZoneId?: string })[];
  readonly ValidationMethod?: ValidationMethod;
  readonly KeyAlgorithm?: KeyAlgorithm;
  readonly CertificateTransparencyLoggingPreference?: 'ENABLED' | 'DISABLED';
  readonly CertificateExport?: 'ENABLED' | 'DISABLED';
  readonly Tags?: readonly Tag[];
}

export const certificateResourceType: ResourceType<CertificateProperties> = {
  type: 'AWS::CertificateManager::Certificate',
  unsupported: ['CertificateAuthorityArn'],

  async create(request) {
    const { properties } = request;
    const tags = tagsOf(request);
    const validated = properties.DomainValidationOptions?.flatMap(({ DomainName, ValidationDomain }) =>
      ValidationDomain === undefined ? [] : [{ DomainName, ValidationDomain }],
    );
    const { CertificateArn = '' } = await request.call<RequestCertificateResponse>(
      'acm',
      'RequestCertificate',
      {
        DomainName: properties.DomainName,
        SubjectAlternativeNames: properties.SubjectAlternativeNames,
        ValidationMethod: properties.ValidationMethod,
        KeyAlgorithm: properties.KeyAlgorithm,
        Options: {
          CertificateTransparencyLoggingPreference: properties.CertificateTransparencyLoggingPreference,
          Export: properties.CertificateExport,
        },
        ...(validated?.length ? { DomainValidationOptions: validated } : {}),
        ...(tags.length > 0 ? { Tags: tags } : {}),
      },
    );
    return stateOf(CertificateArn);
  },

  async update(request, current) {
    const CertificateArn = current.physicalId;
    const preference = request.properties.CertificateTransparencyLoggingPreference;
    if (preference !== current.properties.CertificateTransparencyLoggingPreference)
      await request.call('acm', 'UpdateCertificateOptions', {
        CertificateArn,
        Options: { CertificateTransparencyLoggingPreference: preference ?? 'ENABLED' },
      });
    const { Tags: before = [] } = await request.call<ListTagsForCertificateResponse>(
      'acm',
      'ListTagsForCertificate',
      { CertificateArn },
    );
    const wanted = tagsOf(request);
    const gone = before
      .filter(({ Key }) => !wanted.some((tag) => tag.Key === Key))
      .map(({ Key }) => ({ Key }));
    if (gone.length > 0)
      await request.call('acm', 'RemoveTagsFromCertificate', { CertificateArn, Tags: gone });
    if (wanted.length > 0)
      await request.call('acm', 'AddTagsToCertificate', { CertificateArn, Tags: wanted });
    return stateOf(CertificateArn);
  },

  async delete(request, current) {
    try {
      await request.call('acm', 'DeleteCertificate', { CertificateArn: current.physicalId });
    } catch (thrown) {
      if (!isFault(thrown) || thrown.code !== 'ResourceNotFoundException') throw thrown;
    }
  },
};

const stateOf = (arn: string) => ({ physicalId: arn, attributes: { CertificateArn: arn } });

/** `aws:` tags are CloudFormation's own: ACM does not take them from anyone. */
function tagsOf({ tags, properties }: ResourceRequest<CertificateProperties>): Tag[] {
  const own = Object.fromEntries((properties.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  return Object.entries({ ...tags, ...own })
    .filter(([key]) => !key.startsWith('aws:'))
    .map(([Key, Value]) => ({ Key, Value }));
}

interface AccountProperties {
  readonly ExpiryEventsConfiguration: { readonly DaysBeforeExpiry?: number };
}

export const accountResourceType: ResourceType<AccountProperties> = {
  type: 'AWS::CertificateManager::Account',
  create: (request) => putAccount(request),
  update: (request) => putAccount(request),
  async delete(request) {
    await request.call('acm', 'PutAccountConfiguration', configurationOf(request, 45));
  },
};

async function putAccount(request: ResourceRequest<AccountProperties>) {
  const { ExpiryEventsConfiguration } = request.properties;
  await request.call(
    'acm',
    'PutAccountConfiguration',
    configurationOf(request, ExpiryEventsConfiguration.DaysBeforeExpiry),
  );
  const { account } = request.scope;
  return { physicalId: account, attributes: { AccountId: account } };
}

/** The token may be any short word; a repetition of the same setting changes nothing. */
const configurationOf = ({ logicalId }: ResourceRequest<AccountProperties>, days: number | undefined) => ({
  IdempotencyToken: logicalId.slice(0, 32),
  ExpiryEvents: { DaysBeforeExpiry: days },
});
