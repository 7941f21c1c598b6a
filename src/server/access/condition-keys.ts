/**
 * Which condition keys are known here when a call is asked about: those have a value or truly none. Any other that AWS
 * would give a value is unreadable, and a statement that looks at it must not let anybody in.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
import type { AccessData } from './access-data.ts';

/** Absent where they do not apply: there are no organisations here, no MFA, no calls from a VPC to the control plane. */
const GLOBAL = new Set(
  [
    'CurrentTime',
    'EpochTime',
    'SecureTransport',
    'SourceIp',
    'UserAgent',
    'Referer',
    'RequestedRegion',
    'PrincipalArn',
    'PrincipalAccount',
    'PrincipalType',
    'PrincipalIsAWSService',
    'PrincipalServiceName',
    'PrincipalServiceNamesList',
    'PrincipalOrgID',
    'PrincipalOrgPaths',
    'userid',
    'username',
    'TagKeys',
    'ViaAWSService',
    'CalledVia',
    'CalledViaFirst',
    'CalledViaLast',
    'ResourceAccount',
    'ResourceOrgID',
    'ResourceOrgPaths',
    'SourceVpc',
    'SourceVpce',
    'VpcSourceIp',
    'SourceVpcArn',
    'VpceAccount',
    'VpceOrgID',
    'VpceOrgPaths',
    'MultiFactorAuthPresent',
    'MultiFactorAuthAge',
    'TokenIssueTime',
    'FederatedProvider',
    'SourceIdentity',
    'SourceArn',
    'SourceAccount',
    'SourceOrgID',
    'SourceOrgPaths',
    'SourceOwner',
    'Ec2InstanceSourceVpc',
    'Ec2InstanceSourcePrivateIPv4',
    'AssumedRoot',
    'ChatbotSourceArn',
    'SourceInstanceArn',
    'IsMcpServiceAction',
  ].map((name) => `aws:${name.toLowerCase()}`),
);

const GLOBAL_FAMILIES = ['aws:principaltag/', 'aws:requesttag/', 'aws:resourcetag/'];

/** Service keys that the rules put together: absent from a request, they have no value. */
const KNOWN = new Set([
  's3:prefix',
  's3:delimiter',
  's3:max-keys',
  's3:versionid',
  's3:x-amz-acl',
  's3:x-amz-grant-full-control',
  's3:x-amz-grant-read',
  's3:x-amz-grant-read-acp',
  's3:x-amz-grant-write',
  's3:x-amz-grant-write-acp',
  's3:x-amz-copy-source',
  's3:x-amz-metadata-directive',
  's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:x-amz-storage-class',
  's3:x-amz-website-redirect-location',
  's3:object-lock-mode',
  's3:object-lock-legal-hold',
  's3:x-amz-object-ownership',
  's3:if-none-match',
  's3:if-match',
  's3:requestobjecttag/',
  's3:requestobjecttagkeys',
  's3:locationconstraint',
  's3:resourceaccount',
  's3:x-amz-server-side-encryption-customer-algorithm',
  's3:accessgrantsinstancearn',
  's3:dataaccesspointarn',
  's3:dataaccesspointaccount',
  's3:accesspointnetworkorigin',
  'iam:passedtoservice',
  'iam:associatedresourcearn',
  'iam:policyarn',
  'iam:permissionsboundary',
  'iam:awsservicename',
  'lambda:layer',
  'lambda:subnetids',
  'lambda:securitygroupids',
  'lambda:codesigningconfigarn',
  'lambda:principal',
  'lambda:functionurlauthtype',
  'lambda:functionarn',
  'lambda:eventsourcetoken',
  'lambda:invokedviafunctionurl',
  'cloudformation:rolearn',
  'cloudformation:templateurl',
  'cloudformation:stackpolicyurl',
  'cloudformation:resourcetypes',
  'cloudformation:changesetname',
  'cloudformation:importresourcetypes',
  'dynamodb:select',
  'dynamodb:returnvalues',
  'dynamodb:returnconsumedcapacity',
  'dynamodb:enclosingoperation',
  'sns:endpoint',
  'sns:protocol',
  'events:source',
  'events:detail-type',
  'kms:encryptioncontext:',
  'kms:encryptioncontextkeys',
  'kms:encryptionalgorithm',
  'kms:calleraccount',
  'secretsmanager:secretid',
  'secretsmanager:versionstage',
  'secretsmanager:name',
  'apigateway:request/endpointtype',
  'apigateway:request/apiname',
  'apigateway:request/apikeyrequired',
  'apigateway:request/routeauthorizationtype',
  'apigateway:request/stagename',
  'apigateway:request/securitypolicy',
  'apigateway:request/authorizertype',
  'apigateway:request/authorizeruri',
  'apigateway:request/disableexecuteapiendpoint',
  'ec2:region',
  'ec2:createaction',
]);

/** Whether AWS would give the key a value for this action and nobody here can. `given`: keys of the request, in lower case. */
export function isUnreadable(
  key: string,
  data: AccessData,
  action: string,
  given: ReadonlySet<string>,
): boolean {
  if (given.has(key)) return false;
  if (key.startsWith('aws:'))
    return !GLOBAL.has(key) && !GLOBAL_FAMILIES.some((family) => key.startsWith(family));
  if (KNOWN.has(key) || [...KNOWN].some((known) => /[/:]$/.test(known) && key.startsWith(known)))
    return false;
  return keysOf(data, action).some((known) => (/[/:]$/.test(known) ? key.startsWith(known) : key === known));
}

function keysOf(data: AccessData, action: string): readonly string[] {
  const name = action.slice(action.indexOf(':') + 1).toLowerCase();
  // Actions called like HTTP methods are listed under no name of their own: all keys of the service may be theirs.
  const found = Object.entries(data.actions).filter(([known]) => known.toLowerCase() === name);
  const actions = found.length > 0 ? found.map(([, one]) => one) : Object.values(data.actions);
  return actions.flatMap(({ keys, types }) => [
    ...keys,
    ...types.flatMap((type) => data.types[type.replace(/\*$/, '')]?.keys ?? []),
  ]);
}
