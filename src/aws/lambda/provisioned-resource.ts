/** Provisioned concurrency as templates have it, on versions and aliases: a resource is done when its environments are. */
import type { GetProvisionedConcurrencyConfigResponse } from '@aws-sdk/client-lambda';
import { Fault } from '../../base/fault.ts';
import type { ResourceRequest } from '../../base/resource-type.ts';

interface Target {
  readonly FunctionName: string;
  readonly Qualifier: string;
}

const POLL_MS = 50;

export async function provisionAndWait(
  request: Pick<ResourceRequest<unknown>, 'call' | 'signal'>,
  target: Target,
  config: { readonly ProvisionedConcurrentExecutions: number },
): Promise<void> {
  await request.call('lambda', 'PutProvisionedConcurrencyConfig', { ...target, ...config });
  for (;;) {
    request.signal.throwIfAborted();
    const { Status, StatusReason } = await request.call<GetProvisionedConcurrencyConfigResponse>(
      'lambda',
      'GetProvisionedConcurrencyConfig',
      target,
    );
    if (Status === 'READY') return;
    if (Status === 'FAILED')
      throw new Fault(
        'NotStabilized',
        `Provisioned concurrency of ${target.FunctionName}:${target.Qualifier} could not be allocated: ${StatusReason}`,
      );
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
