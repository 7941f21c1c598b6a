import type { ServicePorts } from '../../wire/service.ts';
import type { LocalAuthority } from './local-authority.ts';

export interface AcmPorts extends ServicePorts {
  readonly authority: () => Promise<LocalAuthority>;
  /** A certificate has other contents under its ARN: who shows it reads it again. */
  readonly changed: () => void;
}
