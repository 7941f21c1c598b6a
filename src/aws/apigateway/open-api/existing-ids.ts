/** Ids by what they name, so that importing a document again leaves the ids of what is still there alone. */
import type { Scope } from '../../../base/scope.ts';
import type { Reader } from '../../../store/store.ts';
import { authorizers } from '../authorizer-row.ts';
import { allModels } from '../model.ts';
import { validators } from '../request-validator-row.ts';
import { allResources } from '../resource.ts';
import type { ResourceRow } from '../resource-row.ts';

export interface ExistingIds {
  /** By path, with their methods. */
  readonly resources: ReadonlyMap<string, ResourceRow>;
  /** By name. */
  readonly models: ReadonlyMap<string, string>;
  readonly validators: Map<string, string>;
  readonly authorizers: Map<string, string>;
}

export async function existingIds(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  restApiId: string,
): Promise<ExistingIds> {
  const inApi = { prefix: `${restApiId}/` };
  return {
    resources: new Map((await allResources(rows, scope, restApiId)).map((row) => [row.path, row])),
    models: new Map((await allModels(rows, scope, restApiId)).map((row) => [row.name, row.id])),
    validators: new Map(
      (await rows.list(validators, scope, inApi)).map(({ row }) => [row.name ?? '', row.id]),
    ),
    authorizers: new Map((await rows.list(authorizers, scope, inApi)).map(({ row }) => [row.name, row.id])),
  };
}
