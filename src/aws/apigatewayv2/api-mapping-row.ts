import type { ApiMapping } from '@aws-sdk/client-apigatewayv2';
import { table } from '../../store/store.ts';

/** AWS's members as they are shown. Key: `{domain name}/{mapping id}`. */
export const apiMappings = table<ApiMapping>('apigatewayv2.api-mappings');
