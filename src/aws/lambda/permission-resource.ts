/** AWS::Lambda::Permission. */
import type { AddPermissionRequest } from '@aws-sdk/client-lambda';
import type { ResourceType } from '../../base/resource-type.ts';
import { unlessGone } from './resource-deletion.ts';

type PermissionProperties = Omit<AddPermissionRequest, 'StatementId' | 'FunctionName'> & {
  readonly FunctionName: string;
};

const MAX_STATEMENT_ID_CHARACTERS = 100;

export const permissionResource: ResourceType<PermissionProperties> = {
  type: 'AWS::Lambda::Permission',

  async create(request) {
    const StatementId = request.physicalName(MAX_STATEMENT_ID_CHARACTERS);
    await request.call('lambda', 'AddPermission', { ...request.properties, StatementId });
    return { physicalId: StatementId, attributes: { Id: StatementId } };
  },

  async delete(request, current) {
    const { FunctionName } = current.properties;
    await unlessGone(() =>
      request.call('lambda', 'RemovePermission', { FunctionName, StatementId: current.physicalId }),
    );
  },
};
