/** CloudFormation's properties as SDK inputs: the same members, their names beginning in lower case. */

/**
 * Renames members all the way down, except inside the maps named (by their CloudFormation names): their keys are the
 * user's. `Integration.RequestTemplates` keeps `application/json`.
 */
export function sdkShape(value: unknown, maps: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => sdkShape(one, maps));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      lowerFirst(name),
      maps.has(name) ? member : sdkShape(member, maps),
    ]),
  );
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
