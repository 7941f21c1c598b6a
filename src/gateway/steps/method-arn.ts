/** What policies are asked about. */
import { arnOf } from '../../base/arn.ts';
import type { Routed } from '../plan.ts';

/**
 * `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{path as it was called}`. Slashes at the end are left
 * out as the router leaves them out: a deny of `GET/admin` must hold for `/admin/` too.
 */
export const methodArn = (call: Routed): string =>
  call.plan.invokeArn ?? arnOfPath(call, call.path.replace(/\/+$/, '') || '/');

const arnOfPath = (call: Routed, path: string): string =>
  arnOf(
    call.stage.api.scope,
    'execute-api',
    `${call.stage.api.apiId}/${call.stage.stageName}/${call.request.method}${path}`,
  );

/** The method as a backend may read its path: decoded, without doubled slashes, `.` and `..`. */
export interface OtherReading {
  readonly arn: string;
  /** It leads out of where it seems to lie. */
  readonly climbs: boolean;
}

/** Null when there is only one way to read the path, as nearly always. */
export function otherReading(call: Routed): OtherReading | null {
  const { path } = call;
  if (call.plan.invokeArn !== undefined || !UNUSUAL.test(path)) return null;
  const segments: string[] = [];
  let climbs = false;
  for (const segment of decoded(path).split(/[/\\]/)) {
    if (segment === '..') {
      segments.pop();
      climbs = true;
    } else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return { arn: arnOfPath(call, `/${segments.join('/')}`), climbs };
}

const UNUSUAL = /%|\/\/|\/\.|\\|;/;

/** Twice: what a proxy decodes once more is still kept out. Parameters behind `;` belong to no name. */
function decoded(path: string): string {
  let text = path;
  for (let round = 0; round < 2; round++) text = text.replace(/(?:%[0-9a-fA-F]{2})+/g, decodedRun);
  return text.replace(/;[^/]*/g, '');
}

function decodedRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}
