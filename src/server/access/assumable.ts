/** Roles that services work with: the role must exist and trust the service at every call that is made with it. */
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { AuthorizedCall } from '../../wire/run-operation.ts';
import type { ServiceInstance } from '../../wire/service.ts';
import { createLookUp } from './look-up.ts';
import { fieldsOf, textOf } from './requirement.ts';

export interface AssumablePorts {
  readonly findService: (id: string) => Promise<ServiceInstance | undefined>;
  readonly roleTrusts: (roleArn: string, servicePrincipal: string) => Promise<boolean>;
}

/** Services that call with roles; which one it is, is not always said. */
const ASSUMING = [
  'lambda',
  'states',
  'events',
  'scheduler',
  'pipes',
  'apigateway',
  'cloudformation',
  'appsync',
  'logs',
  'sns',
  's3',
].map((name) => `${name}.amazonaws.com`);

/** Callers without an access key are roles that a service of this server took on. Throws AccessDenied. */
export async function checkAssumable(ports: AssumablePorts, call: AuthorizedCall): Promise<void> {
  const { caller } = call;
  if (caller.kind !== 'assumed-role' || caller.accessKeyId !== '') return;
  const RoleName = parseArn(caller.arn)?.resource.split('/')[1] ?? '';
  const lookUp = createLookUp(ports.findService, { account: caller.account, region: call.scope.region });
  const found = await lookUp('iam', 'GetRole', { RoleName });
  const roleArn =
    textOf(fieldsOf(found?.['Role'])?.['Arn']) ?? `arn:aws:iam::${caller.account}:role/${RoleName}`;
  const said = call.calledVia?.[0];
  const services = said ? [said] : ASSUMING;
  for (const service of services) if (await ports.roleTrusts(roleArn, service)) return;
  throw new Fault(
    'AccessDeniedException',
    `${said || 'No service'} is ${said ? 'not ' : ''}authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    { status: 403 },
  );
}
