'use strict';
/**
 * Leads the names of APIs back to the server that runs the function: `https://{domainName}/{stage}`, as AWS's examples
 * build it from an event, reaches this server with no name to be resolved, no certificate to be trusted and nothing to
 * be configured. What is led: `*.execute-api.*`, `*.lambda-url.*`, `*.appsync-api.*` and `*.appsync-realtime-api.*`
 * under any domain, and the `domainName` of every event the function was called with (custom domains). Encryption ends
 * here: the connection to the server is a plain one over the loopback. A function that sets GATEHOUSE_API_NAMES=aws is
 * left alone.
 *
 * Node's `net` and `tls` are patched once they are loaded, never loaded for it: a cold start pays nothing.
 */
const Module = require('node:module');

const API_NAME = /^[a-z0-9-]+\.(execute-api|lambda-url|appsync-api|appsync-realtime-api)\.[a-z0-9.-]+$/i;
const NETWORK = new Set(['net', 'tls', 'http', 'https', 'http2', 'dns'].flatMap((name) => [name, `node:${name}`]));
const learned = new Set();
let home;
let patched = 0;
let seen = 0;

const isHome = (host) => typeof host === 'string' && (API_NAME.test(host) || learned.has(host.toLowerCase()));

/** Called once, before the handler is loaded. */
exports.lead = (url) => {
  if (!url || process.env.GATEHOUSE_API_NAMES === 'aws') return;
  const { hostname, port } = new URL(url);
  home = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
  const load = Module._load;
  Module._load = function (request, ...rest) {
    const found = load.call(this, request, ...rest);
    if (NETWORK.has(request)) patch();
    return found;
  };
  // `fetch` brings its own client, which loads what it needs at its first call.
  const { fetch } = globalThis;
  globalThis.fetch = function (...given) {
    load('node:tls');
    patch();
    return fetch(...given);
  };
};

/** Called before each invocation, with its event. */
exports.look = (event) => {
  if (!home) return;
  const name = event?.requestContext?.domainName;
  if (typeof name === 'string') learned.add(name.toLowerCase().replace(/:\d+$/, ''));
  if (process.moduleLoadList.length !== seen) patch();
};

const isLoaded = (name) => process.moduleLoadList.includes(`NativeModule ${name}`);

function patch() {
  seen = process.moduleLoadList.length;
  const before = patched;
  if (!(patched & 1) && isLoaded('net')) {
    patched |= 1;
    patchNet(require('node:net'));
  }
  if (!(patched & 2) && isLoaded('tls')) {
    patched |= 2;
    patchTls(require('node:tls'), require('node:net'));
  }
  // ES modules see the functions they imported by name, too.
  if (patched !== before) Module.syncBuiltinESMExports();
}

/** Every TCP connection is made here; what `net` passes itself is a list that carries a mark, and is kept. */
function patchNet(net) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...given) {
    const list = Array.isArray(given[0]) ? given[0] : given;
    const options = list[0];
    if (options && typeof options === 'object' && !options.path && isHome(options.host)) {
      const { lookup: _, ...rest } = options;
      list[0] = { ...rest, ...home };
    }
    return connect.apply(this, given);
  };
}

/** A TLS connection to a name of ours is a plain one that says of itself what a TLS one would. */
function patchTls(tls, net) {
  const connect = tls.connect;
  tls.connect = function (...given) {
    const options = given.find((one) => one && typeof one === 'object');
    const host = options?.host ?? given.find((one) => typeof one === 'string');
    if (options?.socket || options?.path || !isHome(host)) return connect.apply(this, given);
    return plainSocket(net, options, given.find((one) => typeof one === 'function'));
  };
}

function plainSocket(net, options, whenSecure) {
  const socket = net.connect({ ...home, timeout: options?.timeout });
  Object.assign(socket, {
    encrypted: true,
    authorized: true,
    authorizationError: null,
    alpnProtocol: false,
    getPeerCertificate: () => ({}),
    getPeerX509Certificate: () => undefined,
    getCipher: () => ({ name: 'NULL', standardName: 'NULL', version: 'TLSv1.3' }),
    getProtocol: () => 'TLSv1.3',
    getSession: () => undefined,
    isSessionReused: () => false,
    setServername: () => {},
  });
  socket.once('connect', () => socket.emit('secureConnect'));
  if (whenSecure) socket.once('secureConnect', whenSecure);
  return socket;
}
