/** Filters of ListSecrets. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html */
import type { Filter } from '@aws-sdk/client-secrets-manager';
import type { SecretRow } from './secret-row.ts';

/** Every filter must fit; of its values, one. `!` before a value turns it round. Values fit by how they begin. */
export const matchesFilters = (row: SecretRow, filters: readonly Filter[] | undefined): boolean =>
  (filters ?? []).every(({ Key, Values = [] }) =>
    Values.some((value) => {
      const negated = value.startsWith('!');
      const wanted = negated ? value.slice(1) : value;
      return heldBy(row, Key).some((text) => begins(text, wanted, Key)) !== negated;
    }),
  );

function heldBy(row: SecretRow, key: string | undefined): readonly string[] {
  const { name, description = '', tags } = row;
  switch (key) {
    case 'name':
      return [name];
    case 'description':
      return [description];
    case 'tag-key':
      return Object.keys(tags);
    case 'tag-value':
      return Object.values(tags);
    case 'all':
      return [name, description, ...Object.keys(tags), ...Object.values(tags)];
    default:
      // Secrets of other services and other regions are not there.
      return [];
  }
}

/** Descriptions and `all` do not mind case. */
const begins = (text: string, wanted: string, key: string | undefined): boolean =>
  key === 'description' || key === 'all'
    ? text.toLowerCase().includes(wanted.toLowerCase())
    : text.startsWith(wanted);
