/**
 * Which modes of authorization may read a field: its own directives, else its type's, else the API's default mode.
 * https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#using-additional-authorization-modes
 */
import type { ConstDirectiveNode, GraphQLField, GraphQLObjectType } from 'graphql';
import type { AuthorizationType } from '../config.ts';
import type { Identity } from '../identity.ts';

export interface FieldAccess {
  readonly modes: ReadonlySet<AuthorizationType>;
  /** With user pools: one of these groups; undefined: any user. */
  readonly groups: readonly string[] | undefined;
}

const MODES: Readonly<Record<string, AuthorizationType>> = {
  aws_api_key: 'API_KEY',
  aws_iam: 'AWS_IAM',
  aws_oidc: 'OPENID_CONNECT',
  aws_cognito_user_pools: 'AMAZON_COGNITO_USER_POOLS',
  aws_lambda: 'AWS_LAMBDA',
};

export function accessOf(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  defaultMode: AuthorizationType,
  denyByDefault: boolean,
): FieldAccess {
  const own = read(field.astNode?.directives ?? []);
  const auth = groupsOf(field.astNode?.directives ?? [], 'aws_auth');
  if (own !== undefined) return own;
  const ofType = read([
    ...(type.astNode?.directives ?? []),
    ...type.extensionASTNodes.flatMap((node) => node.directives ?? []),
  ]);
  if (ofType !== undefined) return { ...ofType, groups: auth ?? ofType.groups };
  // A pool whose default action is DENY opens only what names a group.
  if (denyByDefault && auth === undefined && ROOTS.has(type.name))
    return { modes: new Set(), groups: undefined };
  return { modes: new Set([defaultMode]), groups: auth };
}

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);

function read(directives: readonly ConstDirectiveNode[]): FieldAccess | undefined {
  const modes = directives.map(({ name }) => MODES[name.value]).filter((mode) => mode !== undefined);
  if (modes.length === 0) return undefined;
  return { modes: new Set(modes), groups: groupsOf(directives, 'aws_cognito_user_pools') };
}

function groupsOf(directives: readonly ConstDirectiveNode[], name: string): readonly string[] | undefined {
  const directive = directives.find((each) => each.name.value === name);
  const value = directive?.arguments?.find((argument) => argument.name.value === 'cognito_groups')?.value;
  if (value?.kind !== 'ListValue') return undefined;
  return value.values.flatMap((each) => (each.kind === 'StringValue' ? [each.value] : []));
}

export function mayRead(access: FieldAccess, identity: Identity, name: string): boolean {
  if (!access.modes.has(identity.type) || identity.deniedFields.has(name)) return false;
  if (identity.type !== 'AMAZON_COGNITO_USER_POOLS' || access.groups === undefined) return true;
  return access.groups.some((group) => identity.groups.includes(group));
}
