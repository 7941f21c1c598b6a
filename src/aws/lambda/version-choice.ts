import type { RandomBytes } from '../../base/ids.ts';
import type { KnownFunction } from './catalog.ts';
import { notFound } from './fault.ts';
import { arnOfReference, type FunctionReference } from './function-reference.ts';

/** The version behind the qualifier; an alias with weights draws one for each call. Throws `Fault`. */
export function chooseVersion(
  known: KnownFunction,
  reference: FunctionReference,
  random: RandomBytes,
): string {
  const qualifier = reference.qualifier ?? '$LATEST';
  if (known.has(qualifier)) return qualifier;
  const alias = known.aliases.get(qualifier);
  if (alias === undefined) throw notFound(`Function not found: ${arnOfReference(reference)}`);
  const weights = Object.entries(alias.routingConfig?.AdditionalVersionWeights ?? {});
  if (weights.length === 0) return alias.functionVersion;
  let draw = fraction(random);
  for (const [version, weight] of weights) {
    draw -= weight;
    if (draw < 0) return version;
  }
  return alias.functionVersion;
}

/** A number from 0 up to, but not including, 1. */
const fraction = (random: RandomBytes): number => Buffer.from(random(4)).readUInt32BE() / 2 ** 32;
