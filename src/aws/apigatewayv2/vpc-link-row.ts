import type { VpcLink } from '@aws-sdk/client-apigatewayv2';
import { table } from '../../store/store.ts';

export interface VpcLinkRow extends Omit<VpcLink, 'CreatedDate'> {
  readonly createdAtMs: number;
}

export const vpcLinks = table<VpcLinkRow>('apigatewayv2.vpc-links');
