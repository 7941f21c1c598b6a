/** HTTP methods and paths of a service's operations, from its schemas, read once. */
import { operationsOf } from '../../wire/schema.ts';
import { serviceRow } from '../../wire/services.ts';
import type { Paths } from './rules/apigateway.ts';

export function createPathsOf(): (service: string) => Promise<Paths> {
  const known = new Map<string, Promise<Paths>>();
  return (service) => {
    const paths = known.get(service) ?? read(service);
    known.set(service, paths);
    return paths;
  };
}

async function read(service: string): Promise<Paths> {
  const module = await serviceRow(service)?.loadSchemas();
  const paths = new Map<string, readonly [string, string]>();
  if (module === undefined) return paths;
  for (const { name, traits } of operationsOf(module).values())
    if (traits.http !== undefined) paths.set(name, [traits.http[0], traits.http[1]]);
  return paths;
}
