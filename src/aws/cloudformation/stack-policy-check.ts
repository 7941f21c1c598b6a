/**
 * Does a stack's policy allow what an update would do? With a policy, whatever it does not allow is denied.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
 */
import type { StackChange } from '../../base/stack-engine.ts';
import { validationError } from './faults.ts';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, { readonly ResourceType?: string | readonly string[] }>>;
}

/** Undefined when it is not a policy. */
export function readPolicy(text: string): readonly Statement[] | undefined {
  try {
    const policy: unknown = JSON.parse(text);
    const statements: unknown =
      typeof policy === 'object' && policy !== null ? Reflect.get(policy, 'Statement') : undefined;
    const list: unknown[] = statements === undefined ? [] : [statements].flat();
    return list.length > 0 && list.every(isStatement) ? list : undefined;
  } catch {
    return undefined;
  }
}

const CONDITIONS = ['StringEquals', 'StringLike'];

function isStatement(value: unknown): value is Statement {
  if (typeof value !== 'object' || value === null) return false;
  const { Effect, Action, NotAction, Resource, NotResource, Condition } = value as Partial<Statement>; // each is checked here
  if (Effect !== 'Allow' && Effect !== 'Deny') return false;
  if ((Action ?? NotAction) === undefined || (Resource ?? NotResource) === undefined) return false;
  return Object.entries(Condition ?? {}).every(
    ([name, test]) => CONDITIONS.includes(name) && Object.keys(test).every((key) => key === 'ResourceType'),
  );
}

/** Throws for the first change that the policy does not allow; nothing has been changed then. */
export function checkPolicy(policy: string | undefined, changes: readonly StackChange[]): void {
  if (policy === undefined) return;
  const statements = readPolicy(policy) ?? [];
  for (const change of changes)
    for (const action of actionsOf(change)) {
      const denying = statements.findIndex((one) => one.Effect === 'Deny' && speaksOf(one, action, change));
      const allowed = statements.some((one) => one.Effect === 'Allow' && speaksOf(one, action, change));
      if (denying < 0 && allowed) continue;
      const which = denying < 0 ? 'no statement allows' : `Statement [#${denying + 1}] does not allow`;
      throw validationError(
        `Action denied by stack policy: ${which} [${action}] for resource [${change.logicalId}]`,
      );
    }
}

/** What is added is not protected: there was nothing to protect. */
function actionsOf({ action, replacement }: StackChange): string[] {
  if (action === 'Remove') return ['Update:Delete'];
  if (action === 'Add') return [];
  if (replacement === 'True') return ['Update:Replace'];
  return replacement === 'Conditional' ? ['Update:Modify', 'Update:Replace'] : ['Update:Modify'];
}

function speaksOf(statement: Statement, action: string, { logicalId, type }: StackChange): boolean {
  const id = `LogicalResourceId/${logicalId}`;
  const byAction = listed(statement.Action, action, statement.NotAction);
  const byResource = listed(statement.Resource, id, statement.NotResource);
  const byCondition = Object.values(statement.Condition ?? {}).every(({ ResourceType }) =>
    listed(ResourceType, type),
  );
  return byAction && byResource && byCondition;
}

const listed = (
  yes: string | readonly string[] | undefined,
  name: string,
  no?: string | readonly string[],
): boolean =>
  yes === undefined
    ? no === undefined || ![no].flat().some((one) => like(one, name))
    : [yes].flat().some((one) => like(one, name));

function like(pattern: string, name: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`).test(name);
}
