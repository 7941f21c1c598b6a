'use strict';
/**
 * The Node.js runtime: loads the handler, then takes one invocation after the other from file descriptor 3
 * (../frames.ts has the frames). CommonJS and next to no imports, so that a cold start is Node's own.
 *
 * Behaviour follows https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html and what
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client is seen to do; the names of errors and the text
 * of log lines are AWS's.
 */
const fs = require('node:fs');
const path = require('node:path');
const homeNames = require('./home-names.cjs');

const CHANNEL = 3;
const INIT = 1;
const INVOKE = 2;
const READY = 16;
const INIT_ERROR = 17;
const RESPONSE = 18;
const ERROR = 19;
const FATAL = 20;
const LOG = 21;
const OUTPUT = 22;
const STREAM_START = 23;
const STREAM_CHUNK = 24;
const STREAM_END = 25;
const TOO_LARGE = 26;
const NEEDS_NODE_PATH = 27;

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

// Taken before user code can replace them.
const { parse, stringify } = JSON;
const now = Date.now;
const exit = process.exit.bind(process);
const setImmediateOnce = setImmediate;

// ---- frames

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Runs a blocking call again while the descriptor, made non-blocking by someone else, is not ready. */
function untilReady(operation) {
  for (;;) {
    try {
      return operation();
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

function writeAll(bytes) {
  let at = 0;
  while (at < bytes.length)
    at += untilReady(() => fs.writeSync(CHANNEL, bytes, at, bytes.length - at));
}

function send(type, body) {
  const text = typeof body === 'string';
  const length = text ? Buffer.byteLength(body) : body.length;
  const frame = Buffer.allocUnsafe(5 + length);
  frame.writeUInt32LE(length, 0);
  frame[4] = type;
  if (text) frame.write(body, 5);
  else frame.set(body, 5);
  writeAll(frame);
}

let inbox = Buffer.allocUnsafe(64 * 1024);
let inboxBytes = 0;

function fill(wanted) {
  if (inbox.length < wanted) {
    const larger = Buffer.allocUnsafe(wanted);
    inbox.copy(larger, 0, 0, inboxBytes);
    inbox = larger;
  }
  while (inboxBytes < wanted) {
    const count = untilReady(() => fs.readSync(CHANNEL, inbox, inboxBytes, inbox.length - inboxBytes, null));
    // The runner is gone: so is its environment.
    if (count === 0) exit(0);
    inboxBytes += count;
  }
}

/** Blocks until a frame is there; the view is good until the next call. */
function receive() {
  fill(5);
  const length = 5 + inbox.readUInt32LE(0);
  const type = inbox[4];
  fill(length);
  const body = inbox.subarray(5, length);
  // One frame at a time is under way, so nothing follows it.
  inboxBytes = 0;
  return { type, body };
}

// ---- errors

function runtimeError(type, cause) {
  const error = new Error(String(cause));
  error.name = `Runtime.${type}`;
  error.stack = `${error.name}: ${error.message}\n${stackBelowMessage(cause) ?? stackBelowMessage(error)}`;
  return error;
}

/** The frames of a stack; for source that does not parse also the place, which V8 puts above the message. */
function stackBelowMessage(error) {
  if (typeof error?.stack !== 'string') return undefined;
  if (error instanceof SyntaxError && /^(\/|file:)/.test(error.stack)) return error.stack;
  return error.stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

const looksLikeError = (value) =>
  value instanceof Error ||
  (value && typeof value.name === 'string' && typeof value.message === 'string' && typeof value.stack === 'string');

function errorObject(error) {
  try {
    if (looksLikeError(error))
      return { errorType: error.name, errorMessage: error.message, trace: error.stack.split('\n') };
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    };
  }
}

// ---- log

let settings;
let requestId;
let util;
const format = (values) => (util ??= require('node:util')).format(...values);

const errorMembers = (_key, value) => {
  if (!(value instanceof Error)) return value;
  const stackTrace = typeof value.stack === 'string' ? value.stack.split('\n') : value.stack;
  return {
    errorType: value.constructor?.name ?? 'UnknownError',
    errorMessage: value.message,
    stackTrace,
    ...value,
  };
};

function jsonLine(level, values) {
  const entry = { timestamp: new Date().toISOString(), level, requestId };
  if (values.length === 1) {
    try {
      return stringify({ ...entry, message: values[0] }, errorMembers);
    } catch {
      return stringify({ ...entry, message: format(values) });
    }
  }
  const error = values.find((value) => value instanceof Error);
  const { errorType, errorMessage, stackTrace } = error ? errorMembers('', error) : {};
  return stringify({ ...entry, message: format(values), errorType, errorMessage, stackTrace });
}

const textLine = (level, values) => `${new Date().toISOString()}\t${requestId}\t${level}\t${format(values)}`;

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

function patchConsole() {
  const line = settings.logFormat === 'JSON' ? jsonLine : textLine;
  const least = LEVELS.indexOf(settings.logLevel ?? 'TRACE');
  for (const level of LEVELS) {
    const write = (...values) => send(LOG, line(level, values));
    const silent = LEVELS.indexOf(level) < least && level !== 'FATAL';
    console[level.toLowerCase()] = silent ? () => {} : write;
  }
  console.log = console.info;
  patchStream('stdout');
  patchStream('stderr');
}

/** What is written straight to the stream keeps its place among the other lines. */
function patchStream(name) {
  const { get } = Object.getOwnPropertyDescriptor(process, name) ?? {};
  if (!get) return;
  let stream;
  const patched = () => {
    if (stream) return stream;
    stream = get.call(process);
    stream.write = (chunk, encoding, done) => {
      send(OUTPUT, typeof chunk === 'string' ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8') : chunk);
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
    return stream;
  };
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get: patched });
}

function logError(message, error) {
  const whole = error instanceof Error ? error : new Error(String(error));
  if (settings.logFormat === 'JSON') return console.error(whole);
  console.error(message, `\t${describeError(whole)}`);
}

function describeError(error) {
  const members = (_key, value) =>
    value instanceof Error
      ? { errorType: value.name, errorMessage: value.message, code: value.code, ...value, stack: value.stack?.split('\n') }
      : value;
  try {
    return stringify(error, members);
  } catch {
    return stringify(errorObject(error));
  }
}

// ---- the handler

function isModuleFolder(folder) {
  for (let at = folder; !at.endsWith('/node_modules'); at = path.dirname(at)) {
    const file = path.join(at, 'package.json');
    if (fs.existsSync(file)) {
      try {
        return parse(fs.readFileSync(file, 'utf8')).type === 'module';
      } catch {
        return false;
      }
    }
    if (at === path.dirname(at)) return false;
  }
  return false;
}

const importFile = (file) => import(require('node:url').pathToFileURL(file).href);

/**
 * AWS finds the SDK from ES modules too, which do not look at NODE_PATH. Newer versions of Node.js take a hook for
 * that at no cost; the older kind starts a thread, so it is asked for only when an import has failed, and in a new
 * process, as a failed import stays failed.
 */
async function importWithNodePath(file) {
  const nodeModule = require('node:module');
  if (nodeModule.registerHooks) nodeModule.registerHooks({ resolve: resolveWithNodePath });
  else if (settings.nodePathHook)
    nodeModule.register('./node-path.mjs', require('node:url').pathToFileURL(__filename));
  try {
    return await importFile(file);
  } catch (error) {
    const missing = error?.code === 'ERR_MODULE_NOT_FOUND' && error.message.startsWith('Cannot find package');
    if (!missing || nodeModule.registerHooks || settings.nodePathHook) throw error;
    send(NEEDS_NODE_PATH, '');
    exit(0);
  }
}

function resolveWithNodePath(specifier, context, nextResolve) {
  try {
    return nextResolve(specifier, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || /^(\.|\/|[a-z]+:)/.test(specifier)) throw error;
    const { pathToFileURL } = require('node:url');
    for (const folder of (process.env.NODE_PATH ?? '').split(':')) {
      const parentURL = pathToFileURL(path.join(folder.replace(/\/node_modules\/?$/, ''), 'index.mjs')).href;
      try {
        return nextResolve(specifier, { ...context, parentURL });
      } catch (again) {
        if (again.code !== 'ERR_MODULE_NOT_FOUND') throw again;
      }
    }
    throw error;
  }
}

async function loadModule(folder, name) {
  const base = path.resolve(settings.taskRoot, folder, name);
  if (settings.entry) return importWithNodePath(settings.entry);
  if (fs.statSync(base, { throwIfNoEntry: false })?.isFile()) return require(base);
  const asModule = isModuleFolder(path.dirname(base));
  if (fs.existsSync(`${base}.js`)) return asModule ? importWithNodePath(`${base}.js`) : require(`${base}.js`);
  if (fs.existsSync(`${base}.mjs`)) return importWithNodePath(`${base}.mjs`);
  if (fs.existsSync(`${base}.cjs`)) return require(`${base}.cjs`);
  return require(require.resolve(name, { paths: [settings.taskRoot, path.resolve(settings.taskRoot, folder)] }));
}

async function loadHandler() {
  const whole = settings.handler;
  if (whole.includes('..'))
    throw runtimeError(
      'MalformedHandlerName',
      `'${whole}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  const last = path.basename(whole);
  const match = /^([^.]*)\.(.*)$/.exec(last);
  if (!match) throw runtimeError('MalformedHandlerName', 'Bad handler');
  let found;
  try {
    found = await loadModule(whole.slice(0, whole.lastIndexOf(last)), match[1]);
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('UserCodeSyntaxError', error);
    if (error?.code === 'MODULE_NOT_FOUND') throw runtimeError('ImportModuleError', error);
    throw error;
  }
  const handler = match[2].split('.').reduce((value, key) => value?.[key], found);
  if (!handler) throw runtimeError('HandlerNotFound', `${whole} is undefined or not exported`);
  if (typeof handler !== 'function') throw runtimeError('HandlerNotFound', `${whole} is not a function`);
  if (handler.length >= 3 && handler[STREAMING] === undefined && Number(settings.runtimeVersion) >= 24)
    throw runtimeError('CallbackHandlerDeprecated', CALLBACKS_ARE_GONE);
  return handler;
}

const CALLBACKS_ARE_GONE =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';

// ---- invocations

let handler;
let handlerIsAsync = false;
/** What an empty event loop means just now. */
let whenEmpty = null;
/** Answers the call under way with an error; null between calls. */
let failCall = null;

const next = () => setImmediateOnce(takeCall);

function answer(value) {
  let text;
  try {
    text = stringify(value === undefined ? null : value) ?? 'null';
  } catch {
    return answerError(new Error('Unable to stringify response body'));
  }
  finish();
  if (text.length > settings.maxResponseBytes || Buffer.byteLength(text) > settings.maxResponseBytes)
    send(TOO_LARGE, '');
  else send(RESPONSE, text);
  next();
}

function answerError(error) {
  finish();
  logError('Invoke Error', error);
  send(ERROR, stringify(errorObject(error)));
  next();
}

function finish() {
  whenEmpty = null;
  failCall = null;
}

const memoryLimitInMB = process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
const logGroupName = process.env.AWS_LAMBDA_LOG_GROUP_NAME;
const logStreamName = process.env.AWS_LAMBDA_LOG_STREAM_NAME;
const functionName = process.env.AWS_LAMBDA_FUNCTION_NAME;
const functionVersion = process.env.AWS_LAMBDA_FUNCTION_VERSION;

function describeCall(call) {
  const { deadlineMs } = call;
  return {
    functionVersion,
    functionName,
    memoryLimitInMB,
    logGroupName,
    logStreamName,
    clientContext: call.clientContext ? parse(call.clientContext) : undefined,
    identity: undefined,
    invokedFunctionArn: call.invokedFunctionArn,
    awsRequestId: call.requestId,
    getRemainingTimeInMillis: () => deadlineMs - now(),
  };
}

/** `callback`, `done`, `succeed`, `fail`: only the first of them counts. */
function callbacksOf() {
  let waits = true;
  let over = false;
  const once = (act) => {
    if (over) return;
    over = true;
    whenEmpty = null;
    act();
  };
  const failed = (error) => once(() => answerError(error));
  const succeed = (value) => once(() => answer(value));
  const callback = (error, value) => {
    if (error !== undefined && error !== null) return failed(error);
    if (!waits) return succeed(value);
    once(() => {
      whenEmpty = () => answer(value);
    });
  };
  const context = {
    get callbackWaitsForEmptyEventLoop() {
      return waits;
    },
    set callbackWaitsForEmptyEventLoop(value) {
      waits = value;
    },
    done: (error, value) => (error === undefined || error === null ? succeed(value) : failed(error)),
    succeed,
    fail: (error) => failed(error === undefined || error === null ? 'handled' : error),
  };
  return { context, callback, succeed, failed, once };
}

const NEVER_SETTLED =
  'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes';

function runBuffered(event, call) {
  const { context, callback, succeed, failed, once } = callbacksOf();
  Object.assign(context, describeCall(call));
  whenEmpty = () =>
    once(() => {
      if (!handlerIsAsync) return answer(null);
      const error = new Error(NEVER_SETTLED);
      error.name = 'Runtime.NodeJsExit';
      answerError(error);
    });
  const result = handler(event, context, callback);
  if (typeof result?.then === 'function') result.then(succeed, failed);
}

function responseStreamOf() {
  const { Writable } = require('node:stream');
  const mark = handler[HIGH_WATER_MARK];
  let contentType = 'application/octet-stream';
  let started = false;
  const start = () => {
    if (started) return;
    started = true;
    send(STREAM_START, contentType);
    stream._onBeforeFirstWrite?.((bytes) => sendChunk(bytes));
  };
  const sendChunk = (chunk) => send(STREAM_CHUNK, typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  const stream = new Writable({
    ...(typeof mark === 'number' ? { highWaterMark: mark } : {}),
    write(chunk, _encoding, done) {
      start();
      sendChunk(chunk);
      done();
    },
    final(done) {
      start();
      done();
    },
  });
  const plainWrite = stream.write;
  stream.write = (chunk, ...rest) => {
    const isBytes = typeof chunk === 'string' || chunk instanceof Uint8Array || chunk === null;
    return plainWrite.call(stream, isBytes ? chunk : stringify(chunk), ...rest);
  };
  stream.setContentType = (type) => {
    contentType = type;
  };
  return stream;
}

async function runStreaming(event, call) {
  const stream = responseStreamOf();
  stream.on('error', () => {});
  let waits = true;
  const context = {
    get callbackWaitsForEmptyEventLoop() {
      return waits;
    },
    set callbackWaitsForEmptyEventLoop(value) {
      waits = value;
    },
    ...describeCall(call),
  };
  const failed = (error) => {
    if (!failCall) return;
    finish();
    logError('Invoke Error', error);
    send(STREAM_END, stringify(errorObject(error)));
    next();
  };
  whenEmpty = () => failed(new Error('Response stream is not finished.'));
  try {
    const result = handler(event, stream, context);
    if (typeof result?.then !== 'function') return failed('Streaming does not support non-async handlers.');
    if ((await result) !== undefined) console.warn('Streaming handlers ignore return values.');
    if (!stream.writableFinished && stream.writableEnded)
      await new Promise((resolve) => stream.once('finish', resolve));
    if (!stream.writableFinished) return failed(new Error('Response stream is not finished.'));
    if (!failCall) return;
    finish();
    send(STREAM_END, '');
    next();
  } catch (error) {
    failed(error);
  }
}

/** Blocks until there is a call: between calls nothing of the function runs. */
function takeCall() {
  const { type, body } = receive();
  if (type !== INVOKE) throw new Error(`unexpected frame ${type}`);
  const headerEnd = 4 + body.readUInt32LE(0);
  const call = parse(body.toString('utf8', 4, headerEnd));
  requestId = call.requestId;
  process.env._X_AMZN_TRACE_ID = call.traceId;
  failCall = answerError;
  try {
    const event = parse(body.toString('utf8', headerEnd));
    homeNames.look(event);
    if (handler[STREAMING] === 'response') runStreaming(event, call);
    else runBuffered(event, call);
  } catch (error) {
    answerError(error);
  }
}

// ---- life

function die(message, error, status) {
  logError(message, error);
  send(failCall ? FATAL : INIT_ERROR, stringify(errorObject(error)));
  exit(status);
}

process.on('uncaughtException', (error) => die('Uncaught Exception', error, 129));
process.on('unhandledRejection', (reason, promise) => {
  const error = runtimeError('UnhandledPromiseRejection', reason);
  error.reason = reason;
  error.promise = promise;
  die('Unhandled Promise Rejection', error, 128);
});
process.on('beforeExit', () => {
  const act = whenEmpty;
  whenEmpty = null;
  act?.();
});

/** https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html and config-rs-write-functions.html */
globalThis.awslambda = {
  streamifyResponse(streamed, options) {
    streamed[STREAMING] = 'response';
    if (typeof options?.highWaterMark === 'number') streamed[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
    return streamed;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType('application/vnd.awslambda.http-integration-response');
      const head = stringify(prelude);
      stream._onBeforeFirstWrite = (write) => {
        write(head);
        write(new Uint8Array(8));
      };
      return stream;
    },
  },
};

async function main() {
  const { type, body } = receive();
  if (type !== INIT) throw new Error(`unexpected frame ${type}`);
  settings = parse(body.toString('utf8'));
  patchConsole();
  homeNames.lead(settings.home);
  try {
    if (settings.failure) throw Object.assign(new Error(), settings.failure);
    handler = await loadHandler();
  } catch (error) {
    return die('Uncaught Exception', error, 1);
  }
  handlerIsAsync = handler.constructor?.name === 'AsyncFunction';
  send(READY, '');
  takeCall();
}

main();
