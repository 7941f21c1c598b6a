/** Roles that a service owns: https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html */
import type {
  CreateServiceLinkedRoleRequest,
  CreateServiceLinkedRoleResponse,
  DeleteServiceLinkedRoleRequest,
  DeleteServiceLinkedRoleResponse,
  GetServiceLinkedRoleDeletionStatusRequest,
  GetServiceLinkedRoleDeletionStatusResponse,
} from '@aws-sdk/client-iam';
import { randomUUID } from 'node:crypto';
import { iamId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { invalidInput, noSuchEntity } from './faults.ts';
import { nameKey } from './principal.ts';
import { putNewRole } from './role.ts';
import { fullRole, type RoleRow, readRole, roles } from './role-row.ts';
import { globalScope, iamArn } from './scope.ts';

/** The names AWS gives: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html */
const NAMES: Partial<Record<string, string>> = {
  'ops.apigateway.amazonaws.com': 'APIGateway',
  'appsync.amazonaws.com': 'AppSync',
  'autoscaling.amazonaws.com': 'AutoScaling',
  'custom-resource.application-autoscaling.amazonaws.com': 'ApplicationAutoScaling_CustomResource',
  'dynamodb.application-autoscaling.amazonaws.com': 'ApplicationAutoScaling_DynamoDBTable',
  'ecs.application-autoscaling.amazonaws.com': 'ApplicationAutoScaling_ECSService',
  'lambda.application-autoscaling.amazonaws.com': 'ApplicationAutoScaling_LambdaConcurrency',
  'replication.dynamodb.amazonaws.com': 'DynamoDBReplication',
  'ecs.amazonaws.com': 'ECS',
  'elasticache.amazonaws.com': 'ElastiCache',
  'elasticloadbalancing.amazonaws.com': 'ElasticLoadBalancing',
  'email.cognito-idp.amazonaws.com': 'AmazonCognitoIdpEmailService',
  'cognito-idp.amazonaws.com': 'AmazonCognitoIdp',
  'events.amazonaws.com': 'CloudWatchEvents',
  'es.amazonaws.com': 'AmazonElasticsearchService',
  'opensearchservice.amazonaws.com': 'AmazonOpenSearchService',
  'logger.cloudfront.amazonaws.com': 'CloudFrontLogger',
  'rds.amazonaws.com': 'RDS',
  'replicator.lambda.amazonaws.com': 'LambdaReplicator',
  'spot.amazonaws.com': 'EC2Spot',
  'ssm.amazonaws.com': 'AmazonSSM',
  'transitgateway.amazonaws.com': 'VPCTransitGateway',
  'vpc-lattice.amazonaws.com': 'VpcLattice',
  'wafv2.amazonaws.com': 'WAFV2Logging',
  'xray.amazonaws.com': 'XRay',
};

export const serviceLinkedRoleOperations = (ports: ServicePorts) => ({
  CreateServiceLinkedRole: async (
    input: CreateServiceLinkedRoleRequest,
    call: Call,
  ): Promise<CreateServiceLinkedRoleResponse> => {
    const row = newLinkedRole(ports, input, call.scope);
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      if (await rows.get(roles, scope, nameKey(row.name)))
        throw invalidInput(
          `Service role name ${row.name} has been taken in this account, please try a different suffix.`,
        );
      await putNewRole(rows, scope, row);
    });
    return { Role: fullRole(row) };
  },

  /** Nothing uses the role: it is gone before the answer. */
  DeleteServiceLinkedRole: async (
    { RoleName = '' }: DeleteServiceLinkedRoleRequest,
    call: Call,
  ): Promise<DeleteServiceLinkedRoleResponse> => {
    const scope = globalScope(call.scope.account);
    const row = await readRole(ports.store, scope, RoleName);
    if (row.linkedService === undefined)
      throw noSuchEntity(`The role with name ${RoleName} cannot be found.`);
    await ports.store.transaction((rows) => rows.delete(roles, scope, nameKey(RoleName)));
    return { DeletionTaskId: `task/aws-service-role/${row.linkedService}/${row.name}/${randomUUID()}` };
  },

  GetServiceLinkedRoleDeletionStatus: async ({
    DeletionTaskId = '',
  }: GetServiceLinkedRoleDeletionStatusRequest): Promise<GetServiceLinkedRoleDeletionStatusResponse> => {
    if (!DeletionTaskId.startsWith('task/aws-service-role/'))
      throw noSuchEntity(`Deletion Task Id ${DeletionTaskId} cannot be found.`);
    return { Status: 'SUCCEEDED' };
  },
});

function newLinkedRole(
  { now, random }: ServicePorts,
  { AWSServiceName: service = '', CustomSuffix, Description }: CreateServiceLinkedRoleRequest,
  scope: Scope,
): RoleRow {
  const known = NAMES[service];
  if (known === undefined) throw invalidInput(`${service} is not a valid AWS Service name.`);
  const name = `AWSServiceRoleFor${known}${CustomSuffix ? `_${CustomSuffix}` : ''}`;
  const path = `/aws-service-role/${service}/`;
  const statement = { Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: [service] } };
  return {
    name,
    id: iamId('AROA', 17, random),
    arn: iamArn(scope, 'role', path, name),
    path,
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    description: Description,
    maxSessionSeconds: limits.stsRoleSessionSeconds.default,
    tags: [],
    createdAtMs: now(),
    linkedService: service,
  };
}
