/** Policies that a role, user or group carries by its own properties, `Policies` and `ManagedPolicyArns`. */
import { isFault } from '../../../base/fault.ts';
import {
  documentOf,
  gone,
  iam,
  objectsOf,
  type Properties,
  type Request,
  textOf,
  textsOf,
  without,
} from './request.ts';

export interface Owner {
  readonly noun: 'Role' | 'User' | 'Group';
  readonly name: string;
}

const where = ({ noun, name }: Owner) => ({ [`${noun}Name`]: name });

const namesOf = (list: unknown): string[] => objectsOf(list).map((policy) => textOf(policy.PolicyName));

/** Brings both to what the template says now. */
export async function changePolicies(request: Request, owner: Owner, before: Properties): Promise<void> {
  const { properties: after } = request;
  for (const PolicyName of without(namesOf(before.Policies), namesOf(after.Policies)))
    await gone(iam(request, `Delete${owner.noun}Policy`, { ...where(owner), PolicyName }));
  for (const { PolicyName, PolicyDocument } of objectsOf(after.Policies)) {
    const policy = { PolicyName, PolicyDocument: documentOf(PolicyDocument) };
    await iam(request, `Put${owner.noun}Policy`, { ...where(owner), ...policy });
  }
  const [old, now] = [textsOf(before.ManagedPolicyArns), textsOf(after.ManagedPolicyArns)];
  for (const PolicyArn of without(old, now))
    await gone(iam(request, `Detach${owner.noun}Policy`, { ...where(owner), PolicyArn }));
  for (const PolicyArn of without(now, old))
    await iam(request, `Attach${owner.noun}Policy`, { ...where(owner), PolicyArn });
}

/**
 * Takes away everything it carries, whoever gave it: CloudFormation deletes roles that policies were added to. Whoever
 * may not list them takes away what the template gave, which is all that AWS's own deployment roles can.
 */
export async function dropPolicies(request: Request, owner: Owner, given: Properties): Promise<void> {
  const inline = await listed<{ PolicyNames?: string[] }>(request, `List${owner.noun}Policies`, owner);
  for (const PolicyName of inline?.PolicyNames ?? (inline === null ? namesOf(given.Policies) : []))
    await gone(iam(request, `Delete${owner.noun}Policy`, { ...where(owner), PolicyName }));
  const operation = `ListAttached${owner.noun}Policies`;
  const attached = await listed<{ AttachedPolicies?: { PolicyArn?: string }[] }>(request, operation, owner);
  const arns =
    attached === null
      ? textsOf(given.ManagedPolicyArns)
      : (attached?.AttachedPolicies ?? []).map(({ PolicyArn }) => PolicyArn);
  for (const PolicyArn of arns)
    await gone(iam(request, `Detach${owner.noun}Policy`, { ...where(owner), PolicyArn }));
}

/** Undefined: there is no such principal. Null: the caller may not know. */
async function listed<Output>(
  request: Request,
  operation: string,
  owner: Owner,
): Promise<Output | undefined | null> {
  let output: Output | undefined;
  const ask = async () => {
    output = await iam<Output>(request, operation, { ...where(owner), MaxItems: 1000 });
  };
  try {
    await gone(ask());
  } catch (thrown) {
    if (isFault(thrown) && thrown.code === 'AccessDenied') return null;
    throw thrown;
  }
  return output;
}

/** Undoes a create that failed half-way, and says why it failed. */
export async function orUndo<T>(work: () => Promise<T>, undo: () => Promise<void>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    await undo();
    throw thrown;
  }
}
