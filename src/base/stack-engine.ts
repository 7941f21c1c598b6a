/**
 * How CloudFormation's records (`aws/cloudformation`) and the deploy engine (`deploy`) meet: the service keeps rows
 * and answers calls, the engine reads templates and carries stacks from one status to the next. Everything here is
 * plain data, so that a row can hold it and an operation can be taken up again after a restart.
 */
import type { Caller, CallOperation } from './ports.ts';
import type { ResourceState, ResourceType } from './resource-type.ts';
import type { Scope } from './scope.ts';

export interface StackEngine {
  /** What a template says of itself, before parameters are known. Throws `ValidationError`. */
  inspect(template: string): Promise<TemplateSummary>;
  /** Carries out every step that makes nothing: transforms, parameters, rules, conditions, validation. Throws `Fault`. */
  prepare(request: PrepareRequest): Promise<PreparedStack>;
  /** What carrying out `next` would do. */
  changes(request: ChangesRequest): Promise<ChangesReport>;
  /**
   * Carries a stack on from the status it has (`*_IN_PROGRESS`) until one that rests. May be called again with what
   * was committed last when the process died in between. Never throws for what a template or a resource did wrong.
   */
  run(operation: StackOperation): Promise<void>;
}

/** What the engine needs from the house, once. */
export interface StackEnginePorts {
  /** The type that carries out `AWS::Lambda::Function` and so on; undefined when there is none. `Custom::Anything` is
   *  asked for as `AWS::CloudFormation::CustomResource`. */
  readonly resourceTypes: (type: string) => Promise<ResourceType | undefined>;
  readonly call: CallOperation;
}

export interface TemplateSummary {
  readonly description?: string;
  readonly version?: string;
  readonly metadata?: string;
  readonly parameters: readonly TemplateParameter[];
  readonly resourceTypes: readonly string[];
  readonly resources: readonly { readonly logicalId: string; readonly type: string }[];
  readonly transforms: readonly string[];
  readonly capabilities: readonly Capability[];
  readonly capabilitiesReason?: string;
}

export type Capability = 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM' | 'CAPABILITY_AUTO_EXPAND';

export interface TemplateParameter {
  readonly key: string;
  readonly type: string;
  readonly defaultValue?: string;
  readonly noEcho: boolean;
  readonly description?: string;
  readonly allowedValues?: readonly string[];
}

export interface PrepareRequest {
  readonly template: string;
  readonly parameters: readonly GivenParameter[];
  /** What the stack was last prepared with, for `usePrevious`. */
  readonly previous?: PreparedStack;
  readonly stack: StackIdentity;
  readonly exports: readonly StackExport[];
}

export interface GivenParameter {
  readonly key: string;
  readonly value?: string;
  readonly usePrevious?: boolean;
}

export interface StackIdentity {
  readonly stackId: string;
  readonly stackName: string;
  readonly scope: Scope;
  /** Who the stack's operations are made as. */
  readonly caller: Caller;
  readonly tags: Readonly<Record<string, string>>;
  readonly notificationArns: readonly string[];
}

/** A template with everything known that can be known before resources exist. */
export interface PreparedStack {
  /** As it was sent. */
  readonly template: string;
  /** JSON text after transforms. */
  readonly processed: string;
  readonly description?: string;
  readonly parameters: readonly StackParameter[];
  readonly conditions: Readonly<Record<string, boolean>>;
  readonly transforms: readonly string[];
  readonly capabilities: readonly Capability[];
  /** Exports this stack reads with Fn::ImportValue. */
  readonly imports: readonly string[];
}

export interface StackParameter {
  readonly key: string;
  /** As given or by default. */
  readonly value: string;
  /** What an `AWS::SSM::Parameter::Value` stood for. */
  readonly resolved?: string;
  readonly type: string;
  readonly noEcho: boolean;
}

export interface StackExport {
  readonly name: string;
  readonly value: string;
  readonly stackId: string;
  /** Names of the stacks that read it. */
  readonly importedBy: readonly string[];
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/** What CloudFormation remembers of one resource. */
export interface StackResource extends ResourceState {
  readonly logicalId: string;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly statusReason?: string;
  /** As last carried out, dynamic references left as they were written. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Logical ids that must exist while it exists. */
  readonly dependencies: readonly string[];
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
  readonly metadata?: string;
  readonly description?: string;
  /** The stack operation that last touched it. */
  readonly operationId: string;
  /** False until its creation has answered. */
  readonly exists: boolean;
  /** As it was before the operation under way touched it. `null`: it was not there. */
  readonly before?: ResourceBefore | null;
  /** Physical resources that its replacement left, to be removed in the clean-up. */
  readonly left?: readonly LeftResource[];
}

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

export type ResourceStatus =
  | 'CREATE_IN_PROGRESS'
  | 'CREATE_COMPLETE'
  | 'CREATE_FAILED'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_FAILED'
  | 'DELETE_IN_PROGRESS'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED'
  | 'DELETE_SKIPPED';

/** Enough to put a resource back, or to remove it. */
export type ResourceBefore = Omit<StackResource, 'before' | 'left'>;

export interface LeftResource extends ResourceState {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly policy: DeletionPolicy;
}

export type StackStatus =
  | 'REVIEW_IN_PROGRESS'
  | 'CREATE_IN_PROGRESS'
  | 'CREATE_COMPLETE'
  | 'CREATE_FAILED'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_COMPLETE'
  | 'ROLLBACK_FAILED'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_FAILED'
  | 'UPDATE_ROLLBACK_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_IN_PROGRESS'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED';

export interface StackOperation {
  readonly stack: StackIdentity;
  /** Changes with every operation; the same when one is taken up again. */
  readonly operationId: string;
  readonly status: StackStatus;
  /** What the stack becomes. */
  readonly next?: PreparedStack;
  /** What the stack was when the operation began. */
  readonly previous?: PreparedStack;
  readonly previousTags?: Readonly<Record<string, string>>;
  readonly onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  /** `Retain` does not hold for what a failed creation has made. */
  readonly retainExceptOnCreate?: boolean;
  /** DeleteStack's RetainResources, ContinueUpdateRollback's ResourcesToSkip. */
  readonly skip: readonly string[];
  readonly resources: readonly StackResource[];
  readonly journal: StackJournal;
  /** Aborted by CancelUpdateStack and timeouts: what waits ends, and the stack rolls back. */
  readonly cancel: AbortSignal;
  /** Aborted when the server stops: `run` returns with the stack still in progress, to be taken up again. */
  readonly halt: AbortSignal;
}

/** Where the engine writes down what it is about to do and what it did. */
export interface StackJournal {
  /** Everything of one entry is committed together, in order, and durable when the promise resolves. */
  commit(entry: JournalEntry): Promise<void>;
  /** Every export of the stack's scope, as of now. */
  exports(): Promise<readonly StackExport[]>;
}

export interface JournalEntry {
  readonly stack?: {
    readonly status: StackStatus;
    readonly reason?: string;
    /** Set together with the status that makes them true. */
    readonly outputs?: readonly StackOutput[];
    /** The prepared template has become the stack's own (`next`), or is given up (`previous`). */
    readonly settled?: 'next' | 'previous';
  };
  readonly resources?: readonly StackResource[];
  /** Logical ids that are no more. */
  readonly removed?: readonly string[];
  /** Logical ids' events, in AWS's words; the stack's own event follows from `stack`. */
  readonly events?: readonly ResourceEvent[];
}

export interface ResourceEvent {
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly reason?: string;
  /** JSON text of the properties, as AWS's events carry them. */
  readonly properties?: string;
}

export interface ChangesRequest {
  readonly stack: StackIdentity;
  readonly previous?: PreparedStack;
  readonly previousTags?: Readonly<Record<string, string>>;
  readonly next: PreparedStack;
  readonly resources: readonly StackResource[];
  readonly exports: readonly StackExport[];
}

export interface ChangesReport {
  readonly changes: readonly StackChange[];
  /** Nothing at all would change: no resource, no output, no tag. */
  readonly same: boolean;
}

export interface StackChange {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly replacement?: 'True' | 'False' | 'Conditional';
  readonly policyAction?: 'Delete' | 'Retain' | 'ReplaceAndDelete' | 'ReplaceAndRetain';
  readonly scope: readonly ('Properties' | 'Metadata' | 'Tags' | 'DeletionPolicy' | 'UpdateReplacePolicy')[];
  readonly details: readonly ChangeDetail[];
}

export interface ChangeDetail {
  readonly attribute: 'Properties' | 'Metadata' | 'Tags' | 'DeletionPolicy' | 'UpdateReplacePolicy';
  readonly name?: string;
  readonly requiresRecreation: 'Never' | 'Conditionally' | 'Always';
  readonly evaluation: 'Static' | 'Dynamic';
  readonly changeSource:
    | 'DirectModification'
    | 'ParameterReference'
    | 'ResourceReference'
    | 'ResourceAttribute'
    | 'Automatic';
  readonly causingEntity?: string;
}

/**
 * Answers that come from outside to a URL of this server: custom resources and wait condition handles. The token is
 * part of the URL; opening it twice listens to the same URL.
 */
export interface CallbackUrls {
  /** `http://127.0.0.1:4566/_gatehouse/callback/{token}`. */
  url(token: string): string;
  /** Resolves with the body of each PUT, in order; ends when `signal` aborts. */
  listen(token: string, onBody: (body: Uint8Array) => Promise<void> | void | undefined): () => void;
}
