/** Filters of parameters: by name, path, type, tier, key, label and tags. */
import type { ParameterStringFilter } from '@aws-sdk/client-ssm';
import { Fault } from '../../base/fault.ts';
import type { ParameterRow } from './parameter-row.ts';

/** Every filter must fit; of a filter's values, one. Throws InvalidFilterKey, InvalidFilterOption. */
export function matchesFilters(
  row: ParameterRow,
  filters: readonly ParameterStringFilter[] | undefined,
): boolean {
  return (filters ?? []).every(({ Key = '', Option: option = 'Equals', Values: values = [] }) => {
    if (Key === 'Path') return values.some((path) => isBelow(row.name, path, option));
    const held = heldBy(row, Key);
    if (values.length === 0) return held.length > 0;
    return held.some((text) => values.some((value) => fits(text, value, option)));
  });
}

function heldBy({ name, current, tags }: ParameterRow, key: string): readonly string[] {
  if (key.startsWith('tag:')) {
    const value = tags[key.slice('tag:'.length)];
    return value === undefined ? [] : [value];
  }
  switch (key) {
    case 'Name':
      return [name, name.replace(/^\//, '')];
    case 'Type':
      return [current.type];
    case 'KeyId':
      return current.keyId === undefined ? [] : [current.keyId];
    case 'Tier':
      return [current.tier];
    case 'DataType':
      return [current.dataType];
    case 'Label':
      return current.labels;
    default:
      throw new Fault(
        'InvalidFilterKey',
        `The following filter key is not valid: ${key}. Valid filter keys include: [Path, Name, Type, KeyId, Tier, DataType, Label, tag:].`,
      );
  }
}

function fits(text: string, value: string, option: string): boolean {
  switch (option) {
    case 'Equals':
      return text === value;
    case 'BeginsWith':
      return text.startsWith(value);
    case 'Contains':
      return text.includes(value);
    default:
      throw new Fault(
        'InvalidFilterOption',
        `The following filter option is not valid: ${option}. Valid options include: [BeginsWith, Contains, Equals].`,
      );
  }
}

function isBelow(name: string, path: string, option: string): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  if (!name.startsWith(prefix)) return false;
  return option === 'Recursive' || !name.slice(prefix.length).includes('/');
}
