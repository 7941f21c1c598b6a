/** Client of one API. Nothing but `fetch` and Web Cryptography is needed; the API itself is described by `API` below. */
const apigClientFactory = (() => {
  const API = /* API */ null;
  const encoder = new TextEncoder();
  const encode = (text) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, '0')).join('');
  const hash = async (text) => hex(await crypto.subtle.digest('SHA-256', encoder.encode(text)));

  async function hmac(key, text) {
    const raw = typeof key === 'string' ? encoder.encode(key) : key;
    const made = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return crypto.subtle.sign('HMAC', made, encoder.encode(text));
  }

  /** Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
  async function signed(request, config) {
    const dateTime = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
    const scope = `${dateTime.slice(0, 8)}/${config.region}/execute-api/aws4_request`;
    const headers = { ...request.headers, 'x-amz-date': dateTime };
    if (config.sessionToken) headers['x-amz-security-token'] = config.sessionToken;
    const covered = { host: request.url.host };
    for (const [name, value] of Object.entries(headers)) covered[name.toLowerCase()] = String(value).trim();
    const names = Object.keys(covered).sort();
    const path = request.url.pathname.split('/').map(encode).join('/');
    const canonical = [
      request.method,
      path,
      request.url.search.slice(1),
      ...names.map((name) => `${name}:${covered[name]}`),
      '',
      names.join(';'),
      await hash(request.body ?? ''),
    ].join('\n');
    let key = `AWS4${config.secretKey}`;
    for (const part of scope.split('/')) key = await hmac(key, part);
    const sum = hex(await hmac(key, ['AWS4-HMAC-SHA256', dateTime, scope, await hash(canonical)].join('\n')));
    const Authorization = `AWS4-HMAC-SHA256 Credential=${config.accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${sum}`;
    return { ...headers, Authorization };
  }

  const given = (names, params) => names.filter((name) => params[name] !== undefined && params[name] !== null);

  function requestOf(method, config, params, body, { headers = {}, queryParams = {} }) {
    const missing = method.pathParameters.find((name) => params[name] === undefined);
    if (missing !== undefined) throw new Error(`missing required parameter: ${missing}`);
    const path = method.path.replace(/\{([^}+]+)(\+?)\}/g, (_whole, name, greedy) =>
      greedy ? String(params[name]).split('/').map(encode).join('/') : encode(String(params[name])),
    );
    const query = { ...Object.fromEntries(given(method.query, params).map((name) => [name, params[name]])), ...queryParams };
    const search = Object.keys(query)
      .sort()
      .map((name) => `${encode(name)}=${encode(String(query[name]))}`)
      .join('&');
    const url = new URL(`${config.invokeUrl ?? API.invokeUrl}${path}${search === '' ? '' : `?${search}`}`);
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const all = { Accept: config.defaultAcceptType ?? 'application/json' };
    if (text !== undefined) all['Content-Type'] = config.defaultContentType ?? 'application/json';
    for (const name of given(method.headers, params)) all[name] = params[name];
    if (config.apiKey) all['x-api-key'] = config.apiKey;
    const bodiless = method.verb === 'GET' || method.verb === 'HEAD';
    return { method: method.verb, url, headers: { ...all, ...headers }, body: bodiless ? undefined : text };
  }

  /** Resolves with `{ status, statusText, headers, data }`; rejects with an error that has them in `response`. */
  async function call(method, config, params = {}, body = undefined, additionalParams = {}) {
    const request = requestOf(method, config, params ?? {}, body, additionalParams ?? {});
    const headers = config.accessKey ? await signed(request, config) : request.headers;
    const answer = await fetch(request.url, { method: request.method, headers, body: request.body });
    const text = await answer.text();
    const response = {
      status: answer.status,
      statusText: answer.statusText,
      headers: Object.fromEntries(answer.headers),
      data: parsed(text),
    };
    if (answer.ok) return response;
    throw Object.assign(new Error(`Request failed with status code ${answer.status}`), { response });
  }

  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }

  return {
    newClient(config = {}) {
      const whole = { ...config, region: config.region || API.region };
      return Object.fromEntries(
        API.methods.map((method) => [method.name, (...args) => call(method, whole, ...args)]),
      );
    },
  };
})();

if (typeof module !== 'undefined') module.exports = { apigClientFactory };
globalThis.apigClientFactory = apigClientFactory;
