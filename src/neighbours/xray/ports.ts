import type { Span } from '../../base/spans.ts';
import type { ServicePorts } from '../../wire/service.ts';

export interface XRayPorts extends ServicePorts {
  /** What this server traced of itself since it was last asked. */
  readonly drain: () => readonly Span[];
  /** Rules of sampling are others than before. */
  readonly rulesChanged: () => void;
}
