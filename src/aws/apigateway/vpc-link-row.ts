import { table } from '../../store/store.ts';

export interface VpcLinkRow {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  /** One network load balancer. */
  readonly targetArns: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Keyed by id. */
export const vpcLinks = table<VpcLinkRow>('apigateway.vpc-links');
