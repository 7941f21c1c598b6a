/** What Lambda is handed, and what its nouns share. */
import type { PrincipalPolicies } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { FunctionRunner } from '../../functions/config.ts';
import type { ServicePorts } from '../../wire/service.ts';
import type { Catalog } from './catalog.ts';
import type { CodeLinks } from './code-location.ts';
import type { RetiredRuntimes } from './runtime.ts';
import type { Provisioning } from './provisioning.ts';

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface LambdaPorts extends ServicePorts {
  readonly runner: FunctionRunner;
  /** Temporary credentials of a function's role. */
  readonly roleCredentials: (roleArn: string, sessionName: string) => Promise<RoleCredentials>;
  /**
   * Whether the role exists and trusts lambda.amazonaws.com. Absent in open mode, where people deploy functions whose
   * roles live nowhere.
   */
  readonly roleIsAssumable?: (roleArn: string, scope: Scope) => Promise<boolean>;
  /** What a caller may do by its own policies: for function URLs with IAM authorization. */
  readonly principalPolicies?: PrincipalPolicies;
  /** Code may be a folder of this machine: only for a server on loopback in open mode. */
  readonly allowFolders: boolean;
  /** How old the last record of a stream's batch was when the function had been run. */
  readonly observeIteratorAge?: (scope: Scope, functionName: string, ageMs: number) => void;
  /** What becomes of runtimes past their end; as AWS does when absent. */
  readonly retiredRuntimes?: RetiredRuntimes;
  /** This server's own URL, for addresses in answers to calls from inside. */
  readonly endpoint?: () => string;
  /** Runs `work` after so many milliseconds; returns what cancels it. The default is a timer that keeps no process alive. */
  readonly after?: (delayMs: number, work: () => void) => () => void;
}

/** The ports, and what is made once of them. */
export interface LambdaRoom extends LambdaPorts {
  readonly catalog: Catalog;
  readonly codeLinks: CodeLinks;
  readonly provisioning: Provisioning;
}
