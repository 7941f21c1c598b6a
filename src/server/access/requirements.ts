/** Everything policies must allow for one call: its own action, and what it does beside it. */
import { loadAccessData } from './load-data.ts';
import { passedRoles } from './passed-roles.ts';
import type { AccessAction, AccessData } from './access-data.ts';
import type { AccessCall, Requirement, ServiceRules } from './requirement.ts';
import { resourcesOf } from './resources.ts';
import { RULES } from './rules/all.ts';
import { apiGatewayRequirements, type Paths } from './rules/apigateway.ts';
import { requestTags } from './request-tags.ts';

export interface RequirementPorts {
  /** HTTP methods and paths of a service's operations. */
  readonly pathsOf: (service: string) => Promise<Paths>;
}

/** What is not in AWS's reference cannot be allowed by name, only by `*`: the action is still asked. */
export async function requirementsOf(
  call: AccessCall,
  ports: RequirementPorts,
): Promise<readonly Requirement[]> {
  const rules = RULES[call.service] ?? {};
  if (rules.free?.includes(call.operation)) return [];
  const own = await ownRequirements(call, rules, ports);
  return [...own, ...passedRoles(call, own), ...taggings(call, own)];
}

async function ownRequirements(
  call: AccessCall,
  rules: ServiceRules,
  ports: RequirementPorts,
): Promise<readonly Requirement[]> {
  if (call.service === 'apigateway' || call.service === 'apigatewayv2')
    return apiGatewayRequirements(call, await ports.pathsOf(call.service));
  const ruled = await rules.operations?.[call.operation]?.(call);
  if (ruled !== undefined) return ruled;
  const data = await loadAccessData(call.service);
  const name = rules.actions?.[call.operation] ?? call.operation;
  const [known, action] = actionOf(data, name);
  const about = action === undefined ? { resources: ['*'] } : resourcesOf(call, action, data, rules.members);
  return [{ action: `${data.prefix}:${known}`, ...about }];
}

/** Some differ from their operation in case alone. */
function actionOf(data: AccessData, operation: string): [string, AccessAction | undefined] {
  const exact = data.actions[operation];
  if (exact !== undefined) return [operation, exact];
  const found = Object.entries(data.actions).find(([name]) => name.toLowerCase() === operation.toLowerCase());
  return found ?? [operation, undefined];
}

/** Whoever makes something with tags must also be allowed to tag it. */
const TAGGED_ON_CREATION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  lambda: { CreateFunction: 'lambda:TagResource', CreateEventSourceMapping: 'lambda:TagResource' },
  iam: {
    CreateRole: 'iam:TagRole',
    CreateUser: 'iam:TagUser',
    CreatePolicy: 'iam:TagPolicy',
    CreateInstanceProfile: 'iam:TagInstanceProfile',
    CreateOpenIDConnectProvider: 'iam:TagOpenIDConnectProvider',
    CreateSAMLProvider: 'iam:TagSAMLProvider',
  },
  dynamodb: { CreateTable: 'dynamodb:TagResource' },
  sqs: { CreateQueue: 'sqs:TagQueue' },
  sns: { CreateTopic: 'sns:TagResource' },
  logs: { CreateLogGroup: 'logs:TagResource' },
  events: { PutRule: 'events:TagResource', CreateEventBus: 'events:TagResource' },
  secretsmanager: { CreateSecret: 'secretsmanager:TagResource' },
  stepfunctions: { CreateStateMachine: 'states:TagResource', CreateActivity: 'states:TagResource' },
  kms: { CreateKey: 'kms:TagResource' },
  ssm: { PutParameter: 'ssm:AddTagsToResource' },
  s3: { CreateBucket: 's3:TagResource' },
  ec2: {},
};

function taggings(call: AccessCall, own: readonly Requirement[]): Requirement[] {
  const { 'aws:TagKeys': keys = [] } = requestTags(call.input);
  if (keys.length === 0) return [];
  const [first] = own;
  const action =
    call.service === 'ec2' &&
    /^(Create|Run|Allocate|Copy|Import|Request)/.test(call.operation) &&
    call.operation !== 'CreateTags'
      ? 'ec2:CreateTags'
      : TAGGED_ON_CREATION[call.service]?.[call.operation];
  if (action === undefined || first === undefined) return [];
  const context = call.service === 'ec2' ? { context: { 'ec2:CreateAction': call.operation } } : {};
  return [{ action, resources: first.resources, ...context }];
}
