import { table } from '../../store/store.ts';

/** The authorities a domain name trusts, as they were in S3 when the name was made or changed: later uploads change nothing. */
export interface TruststoreRow {
  readonly pem: string;
}

/** Key: the domain name. */
export const truststores = table<TruststoreRow>('apigatewayv2.truststores');
