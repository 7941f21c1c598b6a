/** Step 6: the Conditions section, each worked out once, in whatever order they refer to one another. */
import type { Environment } from './environment.ts';
import { conditionValue } from './intrinsics.ts';
import { invalid } from './invalid.ts';
import type { Template } from './template.ts';

type Lookups = Pick<Environment, 'names' | 'mappings' | 'extended' | 'exported'>;

export function evaluateConditions(template: Template, lookups: Lookups): Record<string, boolean> {
  const declared = template.Conditions ?? {};
  const values: Record<string, boolean> = {};
  const open: string[] = [];
  const environment: Environment = {
    ...lookups,
    condition,
    resource: () => undefined,
    hasResource: () => false,
    unresolved: (name) => {
      throw invalid(
        `Template format error: Unresolved dependencies [${name}]. Cannot reference resources in the Conditions block of the template`,
      );
    },
  };

  function condition(name: string): boolean {
    const known = values[name];
    if (known !== undefined) return known;
    const declaration = declared[name];
    if (declaration === undefined)
      throw invalid(
        `Template format error: Unresolved condition dependency ${name} in the Conditions block of the template`,
      );
    if (open.includes(name))
      throw invalid(`Template error: Found circular condition dependency between ${open.join(' and ')}`);
    open.push(name);
    const value = conditionValue(declaration, environment);
    open.pop();
    values[name] = value;
    return value;
  }

  for (const name of Object.keys(declared)) condition(name);
  return values;
}
