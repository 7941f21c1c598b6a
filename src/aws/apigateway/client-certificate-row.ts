import { table } from '../../store/store.ts';

export interface ClientCertificateRow {
  readonly clientCertificateId: string;
  readonly description?: string | undefined;
  readonly pemEncodedCertificate: string;
  /** The key the gateway shows its backends; a secret, never shown or logged. */
  readonly privateKeyPem: string;
  /** Milliseconds since 1970. */
  readonly createdDate: number;
  readonly expirationDate: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Keyed by id. */
export const clientCertificates = table<ClientCertificateRow>('apigateway.client-certificates');
