/** Lambda's rows. A function, its versions, aliases and policies are rows of their own, keyed under its name. */
import type {
  AliasRoutingConfiguration,
  Architecture,
  Cors,
  DestinationConfig,
  FunctionConfiguration,
  FunctionUrlAuthType,
  InvokeMode,
  RecursiveLoop,
  Runtime,
  UpdateRuntimeOn,
} from '@aws-sdk/client-lambda';
import { table } from '../../store/store.ts';
import type { Statement } from './permission-statement.ts';

/** Where a package of code lies. */
export type CodeRow =
  /** `sha256` in base64, as AWS shows it. */
  | {
      readonly kind: 'zip';
      readonly blobId: string;
      readonly sizeBytes: number;
      readonly unzippedBytes: number;
      readonly sha256: string;
    }
  /** Run in place; only on a server that a person runs for themselves. */
  | { readonly kind: 'folder'; readonly path: string; readonly sizeBytes: 0; readonly sha256: string };

/** `$LATEST` or a published version: what AWS shows of it, and its code. */
export interface VersionRow {
  readonly configuration: FunctionConfiguration;
  readonly code: CodeRow;
  /** The layers' code, lowest first: a function keeps its layers when their versions are deleted. */
  readonly layers: readonly CodeRow[];
}

export interface FunctionRow extends VersionRow {
  readonly name: string;
  /** The highest version number ever given; numbers are never used again. */
  readonly lastVersion: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly reservedConcurrentExecutions?: number;
  readonly recursiveLoop: RecursiveLoop;
  readonly codeSigningConfigArn?: string;
  /** By version. */
  readonly runtimeManagement: Readonly<Record<string, RuntimeManagementRow>>;
}

export interface CodeSigningRow {
  /** `csc-...`. */
  readonly id: string;
  readonly description: string;
  /** ARNs of signing profile versions. */
  readonly publishers: readonly string[];
  readonly untrusted: 'Warn' | 'Enforce';
  readonly lastModified: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RuntimeManagementRow {
  readonly updateRuntimeOn: UpdateRuntimeOn;
  readonly runtimeVersionArn?: string;
}

export interface AliasRow {
  readonly name: string;
  readonly functionVersion: string;
  readonly description: string;
  readonly routingConfig?: AliasRoutingConfiguration;
  readonly revisionId: string;
}

/** The resource policy of a function or of one of its versions and aliases. */
export interface PolicyRow {
  readonly statements: readonly Statement[];
  readonly revisionId: string;
}

export interface EventInvokeRow {
  readonly lastModified: number;
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeInSeconds?: number;
  readonly destinationConfig?: DestinationConfig;
}

export interface UrlRow {
  readonly urlId: string;
  readonly authType: FunctionUrlAuthType;
  readonly cors?: Cors;
  readonly invokeMode: InvokeMode;
  readonly creationTime: string;
  readonly lastModifiedTime: string;
}

export interface ProvisionedRow {
  readonly requested: number;
  readonly lastModified: string;
}

export interface LayerVersionRow {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly createdDate: string;
  readonly compatibleRuntimes?: readonly Runtime[];
  readonly compatibleArchitectures?: readonly Architecture[];
  readonly licenseInfo?: string;
  readonly code: CodeRow;
}

/** Layer version numbers are never used again, even when the layer has none left. */
export interface LayerRow {
  readonly lastVersion: number;
}

/** Keyed by name. */
export const functions = table<FunctionRow>('lambda.functions');
/** `{name}/{ten digits}`. */
export const versions = table<VersionRow>('lambda.versions');
/** `{name}/{alias}`. */
export const aliases = table<AliasRow>('lambda.aliases');
/** `{name}/{qualifier}`, `{name}/` for the function itself. */
export const policies = table<PolicyRow>('lambda.policies');
/** `{name}/{qualifier}`, `$LATEST` for the function itself. */
export const eventInvokeConfigs = table<EventInvokeRow>('lambda.event-invoke-configs');
/** `{name}/{alias}`, `{name}/` for the function itself. */
export const urls = table<UrlRow>('lambda.urls');
/** `{name}/{qualifier}`. */
export const provisionedConcurrency = table<ProvisionedRow>('lambda.provisioned-concurrency');
/** Keyed by id. */
export const codeSigningConfigs = table<CodeSigningRow>('lambda.code-signing-configs');
/** Keyed by layer name. */
export const layers = table<LayerRow>('lambda.layers');
/** `{layer}/{ten digits}`. */
export const layerVersions = table<LayerVersionRow>('lambda.layer-versions');
/** `{layer}/{ten digits}`. */
export const layerPolicies = table<PolicyRow>('lambda.layer-policies');

export const versionKey = (name: string, version: number | string): string =>
  `${name}/${String(version).padStart(10, '0')}`;
