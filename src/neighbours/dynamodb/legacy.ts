/** Parameters that expressions replaced in 2014 are refused by name, never ignored. */
import { Fault } from '../../base/fault.ts';

const LEGACY = [
  'AttributesToGet',
  'AttributeUpdates',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
] as const;

export function refuseLegacy(input: object): void {
  const used = LEGACY.find((name) => name in input && (input as Record<string, unknown>)[name] !== undefined); // looked up by name
  if (!used) return;
  throw new Fault(
    'ValidationException',
    `The legacy parameter ${used} is not supported by gatehouse; use the expression parameter that replaced it`,
  );
}
