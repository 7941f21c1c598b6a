/** The address behind a private integration's ARN, as the services that made it tell. */
import type { CallOperation, OperationCall } from '../base/ports.ts';
import { isFault } from '../base/fault.ts';
import type { Scope } from '../base/scope.ts';
import type { FindPrivateTarget, PrivateTarget } from '../gateway/ports.ts';

const CLOUD_MAP = /^arn:[\w-]+:servicediscovery:[\w-]+:\d{12}:service\/([^?/]+)(?:\?(.*))?$/;
const LISTENER = /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:listener\//;

export function createFindPrivateTarget(
  call: CallOperation,
  random: (below: number) => number,
): FindPrivateTarget {
  const ask = async <Output>(
    scope: Scope,
    what: Pick<OperationCall, 'service' | 'operation' | 'input'>,
  ): Promise<Output> => {
    const arn = `arn:aws:iam::${scope.account}:root`;
    const caller = { kind: 'root', account: scope.account, arn, accessKeyId: scope.account } as const;
    // What an operation answers is its SDK's output.
    return (await call({ ...what, scope, caller })) as Output;
  };
  return async (scope, arn) => {
    try {
      const [, service, query] = CLOUD_MAP.exec(arn) ?? [];
      if (service !== undefined) return await instanceOf(ask, scope, { service, query, random });
      return LISTENER.test(arn) ? await loadBalancerOf(ask, scope, arn) : undefined;
    } catch (thrown) {
      // A service that is not here, or does not know it: nobody knows the address.
      if (isFault(thrown)) return undefined;
      throw thrown;
    }
  };
}

type Ask = <Output>(
  scope: Scope,
  what: Pick<OperationCall, 'service' | 'operation' | 'input'>,
) => Promise<Output>;

interface Instances {
  readonly Instances?: readonly { readonly Attributes?: Readonly<Record<string, string>> }[];
}

/** One of the service's instances by chance; `?stage=prod` after the ARN narrows them down by their attributes. */
async function instanceOf(
  ask: Ask,
  scope: Scope,
  {
    service,
    query,
    random,
  }: { service: string; query: string | undefined; random: (below: number) => number },
): Promise<PrivateTarget | undefined> {
  const wanted = [...new URLSearchParams(query ?? '')];
  const { Instances: all = [] } = await ask<Instances>(scope, {
    service: 'servicediscovery',
    operation: 'ListInstances',
    input: { ServiceId: service },
  });
  const fitting = all
    .map(({ Attributes: attributes = {} }) => attributes)
    .filter((attributes) => wanted.every(([name, value]) => attributes[name] === value));
  const chosen = fitting[random(fitting.length)];
  const host =
    chosen?.['AWS_INSTANCE_IPV4'] ?? chosen?.['AWS_INSTANCE_IPV6'] ?? chosen?.['AWS_INSTANCE_CNAME'];
  if (host === undefined) return undefined;
  return { host, port: Number(chosen?.['AWS_INSTANCE_PORT'] ?? 80) };
}

interface Listeners {
  readonly Listeners?: readonly { readonly LoadBalancerArn?: string; readonly Port?: number }[];
}
interface LoadBalancers {
  readonly LoadBalancers?: readonly { readonly DNSName?: string }[];
}

async function loadBalancerOf(ask: Ask, scope: Scope, arn: string): Promise<PrivateTarget | undefined> {
  const service = 'elbv2';
  const listeners = await ask<Listeners>(scope, {
    service,
    operation: 'DescribeListeners',
    input: { ListenerArns: [arn] },
  });
  const { LoadBalancerArn, Port: port = 80 } = listeners.Listeners?.[0] ?? {};
  if (LoadBalancerArn === undefined) return undefined;
  const found = await ask<LoadBalancers>(scope, {
    service,
    operation: 'DescribeLoadBalancers',
    input: { LoadBalancerArns: [LoadBalancerArn] },
  });
  const host = found.LoadBalancers?.[0]?.DNSName;
  return host === undefined ? undefined : { host, port };
}
