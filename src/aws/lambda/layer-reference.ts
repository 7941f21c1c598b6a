import { arnOf } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';

export interface LayerVersionReference {
  readonly scope: Scope;
  readonly name: string;
  readonly version: number;
}

/** Reads `arn:aws:lambda:{region}:{account}:layer:{name}:{version}`; undefined when it is not one. */
export function readLayerArn(arn: string): LayerVersionReference | undefined {
  const [prefix, , service, region, account, kind, name, version, ...rest] = arn.split(':');
  if (prefix !== 'arn' || service !== 'lambda' || kind !== 'layer' || rest.length > 0) return undefined;
  if (!region || !account || !name || !version || !/^\d+$/.test(version)) return undefined;
  return { scope: { account, region }, name, version: Number(version) };
}

export const layerArn = (scope: Scope, name: string, version?: number): string =>
  arnOf(scope, 'lambda', `layer:${name}${version === undefined ? '' : `:${version}`}`);
