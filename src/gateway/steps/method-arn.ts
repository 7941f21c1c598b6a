/** What policies are asked about. */
import { arnOf } from '../../base/arn.ts';
import type { Routed } from '../plan.ts';

/**
 * `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{path as it was called}`. Slashes at the end are left
 * out as the router leaves them out: a deny of `GET/admin` must hold for `/admin/` too.
 */
export const methodArn = (call: Routed): string =>
  call.plan.invokeArn ??
  arnOf(
    call.stage.api.scope,
    'execute-api',
    `${call.stage.api.apiId}/${call.stage.stageName}/${call.request.method}${call.path.replace(/\/+$/, '') || '/'}`,
  );
