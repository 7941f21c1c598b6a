/** Finding the layers a function names. */
import type { Scope } from '../../base/scope.ts';
import { limits } from '../../base/limits.ts';
import type { Store } from '../../store/store.ts';
import { invalidParameter } from './fault.ts';
import { layerArn, readLayerArn } from './layer-reference.ts';
import { type CodeRow, layerVersions, versionKey } from './rows.ts';

/** The layers' code in the order given, lowest first. Throws `Fault` for what is not there. */
export async function resolveLayers(store: Store, arns: readonly string[], scope: Scope): Promise<CodeRow[]> {
  if (arns.length > limits.lambdaLayers)
    throw invalidParameter(`Cannot reference more than ${limits.lambdaLayers} layers.`);
  const seen = new Map<string, string>();
  const found: CodeRow[] = [];
  for (const arn of arns) {
    const layer = readLayerArn(arn);
    if (layer === undefined) throw invalidParameter(`Layer version ${arn} does not exist.`);
    const unversioned = layerArn(layer.scope, layer.name);
    const other = seen.get(unversioned);
    if (other !== undefined)
      throw invalidParameter(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other} and ${arn} are versions of the same layer.`,
      );
    seen.set(unversioned, arn);
    if (layer.scope.region !== scope.region)
      throw invalidParameter(
        `Layers are not in the same region as the function. Layers are expected to be in region ${scope.region}.`,
      );
    const row = await store.get(layerVersions, layer.scope, versionKey(layer.name, layer.version));
    if (row === undefined) throw invalidParameter(`Layer version ${arn} does not exist.`);
    found.push(row.code);
  }
  return found;
}
