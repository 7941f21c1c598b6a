/** From a typed input to its handler: what every call passes, whether it came over the wire or from inside. */
import { Fault } from '../base/fault.ts';
import type { Caller } from '../base/ports.ts';
import type { Scope } from '../base/scope.ts';
import { checkHandlers } from './check-handlers.ts';
import type { PlainObject } from './codecs/record.ts';
import type { CheckInput } from './constraints/check.ts';
import { loadChecks } from './constraints/load.ts';
import type { OperationPlan } from './plan.ts';
import { notImplemented, notServed } from './refusals.ts';
import type { Call, ServiceInstance } from './service.ts';

/** One call that IAM policies decide on. Throws AccessDenied as the service words it. */
export type AuthorizeCall = (call: AuthorizedCall) => Promise<void>;

export interface AuthorizedCall {
  readonly service: string;
  readonly operation: string;
  readonly input: object;
  readonly scope: Scope;
  readonly caller: Caller;
  /** Condition keys of the request: its address, its agent. */
  readonly conditions?: Readonly<Record<string, string>>;
  /** The services that a call from inside was made through; empty text for one that is not known. */
  readonly calledVia?: readonly string[];
}

/** Calls an operation of a service that answers elsewhere: input and output are the SDK's own shapes. Throws Fault. */
export type CallElsewhere = (operation: string, input: object, call: Call) => Promise<unknown>;

export interface RunPorts {
  readonly services: (id: string) => Promise<ServiceInstance | undefined>;
  /** For services that are set to answer elsewhere; undefined for those that answer here. */
  readonly elsewhere?: (serviceId: string) => CallElsewhere | undefined;
  readonly auth: 'open' | 'enforce';
  readonly authorizeCall?: AuthorizeCall;
  /** The checks of a service's inputs, from its model unless a test brings others. */
  readonly loadChecks?: (serviceId: string) => Promise<CheckInput>;
}

export type RunOperation = (operation: OperationPlan, input: PlainObject, call: Call) => Promise<unknown>;

export function createRunOperation(ports: RunPorts): RunOperation {
  const checks = new Map<string, CheckInput>();
  const checksOf = async (serviceId: string): Promise<CheckInput> => {
    const known = checks.get(serviceId);
    if (known !== undefined) return known;
    const loaded = await (ports.loadChecks ?? loadChecks)(serviceId);
    checks.set(serviceId, loaded);
    return loaded;
  };
  const checked = new WeakSet<ServiceInstance>();
  return async (operation, input, call) => {
    const { name, service } = operation;
    const elsewhere = ports.elsewhere?.(service.row.id);
    if (elsewhere !== undefined) {
      if (ports.auth === 'enforce') await authorize(ports.authorizeCall, operation, input, call);
      return elsewhere(name, input, call);
    }
    const instance = await ports.services(service.row.id);
    if (instance === undefined) throw notServed(service.row.id);
    if (!checked.has(instance)) {
      checkHandlers(service, instance);
      checked.add(instance);
    }
    const handler = Object.hasOwn(instance.handlers, name) ? instance.handlers[name] : undefined;
    if (handler === undefined) throw notImplemented(operation);
    const check = checks.get(service.row.id) ?? (await checksOf(service.row.id));
    check(name, input);
    if (ports.auth === 'enforce') await authorize(ports.authorizeCall, operation, input, call);
    return handler(input as never, call); // the codec, or the compiler, has made it this operation's input
  };
}

/** Without anyone to ask, nobody may: a missing check never lets a call through. */
async function authorize(
  authorizeCall: AuthorizeCall | undefined,
  { name, service: { row } }: OperationPlan,
  input: object,
  { scope, caller, conditions, calledVia }: Call,
): Promise<void> {
  if (row.unsigned?.includes(name)) return;
  if (authorizeCall === undefined) throw denied(row.id, name, caller.arn);
  await authorizeCall({
    service: row.id,
    operation: name,
    input,
    scope,
    caller,
    ...(conditions && { conditions }),
    ...(calledVia && { calledVia }),
  });
}

const denied = (service: string, operation: string, arn: string): Fault =>
  new Fault(
    service === 's3' || service === 'iam' || service === 'sts' ? 'AccessDenied' : 'AccessDeniedException',
    `User: ${arn} is not authorized to perform: ${service}:${operation}`,
    { status: 403 },
  );
