import type { ResourceType } from '../../base/resource-type.ts';
export const resourceTypes: readonly ResourceType[] = [];
