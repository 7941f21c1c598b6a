import type { CallbackUrls, StackEngine } from '../../base/stack-engine.ts';
import type { ServicePorts } from '../../wire/service.ts';
import type { StackRuns } from './stack-runs.ts';

export interface CloudFormationPorts extends ServicePorts {
  readonly engine: StackEngine;
  /** Where custom resources and wait condition handles answer; without it they are refused by name. */
  readonly callbacks?: CallbackUrls;
}

/** What the nouns share. */
export interface CloudFormationRoom extends CloudFormationPorts {
  readonly runs: StackRuns;
}
