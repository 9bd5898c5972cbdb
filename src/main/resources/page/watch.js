/**
 * Follows video tasks on one event stream of the gateway until all have ended. After a break it goes on where it was.
 *   await watch(['veo3:1', 'sora-2:2'], {token: fetchToken, on: {status(task, id) { … }, end(how, id) { … }}});
 * @param {string | string[]} ids of the tasks, each once
 * @param {object} [options.on] what to call: status(task, id, json), where task is undefined if the provider's text, json,
 *   is none; expected(date, id); problem(problem, id), which without an id is about the stream; end(how, id), where how is
 *   finished, failed, not-found, or null if an earlier stream had it; open(), when a stream has begun; retry(date), when
 *   no stream is open and the next attempt is at that time
 * @param {() => Promise<string>} [options.token] gives a key or a token; called again when that is refused or expires
 * @param {object} [options.parameters] further query parameters, like model
 * @param {string | URL} [options.url] of the endpoint; by default beside this file
 * @param {AbortSignal} [options.signal] ends it
 * @returns {Promise<void>} when all events have come; rejected if the gateway refuses, with the problem document as its cause
 */
export async function watch(ids, {on = {}, token, parameters = {}, url = new URL('v1/video/query', import.meta.url), signal} = {}) {
  const stream = {ids: [ids].flat(), on, token, signal, last: '', pause: 1000, failures: 0, over: false};
  stream.target = new URL(url, globalThis.location?.href);
  Object.entries(parameters).forEach(([name, value]) => stream.target.searchParams.append(name, value));
  for (const id of stream.ids) stream.target.searchParams.append('id', id);
  while (!stream.over) {
    signal?.throwIfAborted();
    const pause = await connect(stream);
    if (!stream.over && !signal?.aborted) on.retry?.(new Date(Date.now() + pause));
    if (!stream.over && !signal?.aborted) await sleep(pause, signal);
  }
}

const LONGEST_SILENCE = 40_000, LONGEST_PAUSE = 30_000, LONGEST_WAIT = 300_000; // a comment comes each 8 s

async function connect(stream) { // returns the milliseconds until the next connection
  const connection = new AbortController(), abort = () => connection.abort();
  let timer = 0;
  const expectBytes = () => { clearTimeout(timer); timer = setTimeout(abort, LONGEST_SILENCE); };
  stream.signal?.addEventListener('abort', abort);
  stream.isQuiet = true;
  try {
    if (stream.token) stream.credential ||= await Promise.resolve().then(stream.token).catch(() => null);
    if (stream.token && !stream.credential) return failed(stream, 'There is no token now.');
    const headers = {Accept: 'text/event-stream'};
    if (stream.credential) headers.Authorization = 'Bearer ' + stream.credential;
    if (stream.last) headers['Last-Event-ID'] = stream.last;
    expectBytes();
    const answer = await fetch(stream.target, {headers, cache: 'no-store', redirect: 'manual', signal: connection.signal}).catch(() => null);
    if (!answer) return failed(stream);
    const type = answer.headers.get('Content-Type');
    if (answer.status !== 200 || !type?.startsWith('text/event-stream')) return await withoutEvents(stream, answer);
    stream.isRefused = false;
    stream.on.open?.();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = '', event = {}; !stream.over;) {
      const part = await reader.read().catch(() => null);
      if (!part) return failed(stream);
      if (part.done) return stream.isQuiet ? backOff(stream) : stream.pause;
      expectBytes();
      const lines = (text + part.value).split('\n');
      text = lines.pop();
      for (const line of lines) event = take(stream, event, line);
      if (stream.token && !stream.credential) break; // it expired
    }
    return 0;
  } finally {
    clearTimeout(timer);
    stream.signal?.removeEventListener('abort', abort);
    abort();
  }
}

async function withoutEvents(stream, answer) {
  const status = answer.status || 302; // a redirect is not followed: most lead to a login page
  stream.over = status === 204; // all events have come
  if (stream.over) return stream.ids.length === 1 ? stream.on.end?.(stream.last === 'not-found' ? stream.last : null, stream.ids[0]) : 0;
  const problem = {status, detail: `The answer was HTTP status ${status}, not an event stream.`, ...await answer.json().catch(() => null)};
  const isRefusedAgain = stream.isRefused;
  Object.assign(stream, {isRefused: status === 401, credential: status === 401 ? null : stream.credential});
  if (stream.isRefused && stream.token && !isRefusedAgain) return 0;
  if (status >= 300 && status < 500 && ![408, 429].includes(status)) throw new Error(problem.detail, {cause: problem});
  stream.on.problem?.(problem);
  const wanted = Math.min(1000 * Number(answer.headers.get('Retry-After')), LONGEST_WAIT);
  return wanted ? wanted * (1 + Math.random() / 4) : backOff(stream);
}

function take(stream, event, line) { // returns the event so far
  const [, field, value] = /^([^:]*):? ?([^]*)$/.exec(line);
  if (field === 'retry') stream.pause = Number(value);
  if (line !== '') return {...event, [field]: field === 'data' && event.data !== undefined ? event.data + '\n' + value : value};
  if (event.data === undefined) return {};
  tell(stream, event.event, event.data);
  Object.assign(stream, {failures: 0, isQuiet: false, last: event.id ?? stream.last});
  return {};
}

function tell(stream, name, data) {
  const sole = stream.ids.length === 1 ? stream.ids[0] : undefined; // its data is about nothing else
  const value = parse(data) ?? {}, id = sole ?? value.id, problem = sole ? value : value.problem;
  stream.over = name === (sole ? 'end' : 'done');
  if (name === 'status' && sole) stream.on.status?.(parse(data), id, data);
  else if (name === 'status') stream.on.status?.(value.task, id, data.slice(`{"id":${JSON.stringify(id)},"task":`.length, -1));
  else if (name === 'expected') stream.on.expected?.(new Date(value.expectedAt), id);
  else if (name === 'end') stream.on.end?.(sole ? data : value.end, id);
  else if (name === 'problem' && stream.token && problem?.code === 'unauthenticated') stream.credential = null;
  else if (name === 'problem') stream.on.problem?.(problem, id);
}

function parse(json) {
  try { return JSON.parse(json.replace(/[\0-\x1f]/g, ' ')); } catch { return undefined; } // raw line feeds inside texts
}

function failed(stream, detail = 'The connection broke.') {
  stream.isRefused = false;
  if (!stream.signal?.aborted) stream.on.problem?.({status: 0, detail});
  return backOff(stream);
}
const backOff = stream => Math.min(stream.pause * 2 ** stream.failures++, LONGEST_PAUSE) * (0.5 + Math.random());

const sleep = (millis, signal) => new Promise(resolve => {
  const timer = setTimeout(done, millis);
  signal?.addEventListener('abort', done);
  function done() { clearTimeout(timer); signal?.removeEventListener('abort', done); resolve(); }
});
