/**
 * Starts the service: {@link io.github.videoquery.VideoQueryGateway}. What comes in passes {@link
 * io.github.videoquery.PublicServer}.
 *
 * <p>The words used in code, documents, logs and metrics:
 *
 * <table>
 *   <caption>Words</caption>
 *   <tr><td>query</td><td>what a client asks about one task: its id and the forwarded
 *       parameters</td></tr>
 *   <tr><td>reply</td><td>what the provider said, classified: finished, failed, unfinished, not
 *       found, refused, unreachable</td></tr>
 *   <tr><td>entry</td><td>a cached reply with its times</td></tr>
 *   <tr><td>answer</td><td>an entry as given to a caller, and how it came about</td></tr>
 *   <tr><td>fresh, stale, gone</td><td>served without a call (RFC 9111) · served if the call fails,
 *       or while it is made (RFC 5861) · no longer kept</td></tr>
 *   <tr><td>ended, settled</td><td>finished, failed or settled · finished for two minutes, and
 *       without a link</td></tr>
 *   <tr><td>news</td><td>another state, stage, progress or link</td></tr>
 *   <tr><td>hit, miss, stale, collapsed</td><td>as in RFC 9211: from the cache · nothing cached ·
 *       cached but stale · joined a call in flight. A refresh is the call for a stale entry</td></tr>
 *   <tr><td>call, call in flight</td><td>one HTTP exchange with the provider</td></tr>
 *   <tr><td>long poll, event stream, subscriber</td><td>{@code wait=N} · {@code
 *       text/event-stream} · the client of one of them</td></tr>
 *   <tr><td>feed</td><td>the one loop that refreshes a task while it has subscribers</td></tr>
 *   <tr><td>holder</td><td>a call in flight, a subscription or an exchange that keeps a large body
 *       counted in {@code BodyMemory}</td></tr>
 *   <tr><td>permit, queue, rate limiter, breaker</td><td>as in resilience4j and Bucket4j</td></tr>
 *   <tr><td>account, key, client</td><td>ours at a provider · its secret · who sends queries to the gateway</td></tr>
 *   <tr><td>replica, shared cache, lease</td><td>one pod · Redis · the right to make the call for
 *       all replicas</td></tr>
 * </table>
 *
 * <p>The way of a query that is not in the cache, each class once:
 *
 * <pre>
 * Jetty
 *  edge     EdgeHandler            request id, safe headers, Exchange
 *  edge     RequestCheckHandler    TRACE, odd forms of the path, large bodies    400 · 405 · 413
 *  access   AccessHandler          which client?                                 401 · 403 · 429
 *  edge     RequestBodyHandler     reads a body and ignores it
 *  query    CacheHitHandler        QueryReader; an answer from the cache is given    200 · 304
 *                                  wait=N: LongPollHandler · events: EventStreamHandler,
 *                                  of several tasks ManyTasksHandler
 *                                  all subscribe to cache's TaskFeeds
 *  edge     VirtualThreadHandler   from here on, a thread that may wait
 *  access   ConcurrencyLimit       concurrent misses                                     503
 * Spring
 *  query    VideoQueryController
 *  cache    TaskCache              fresh? in flight? join it · else Flights
 *                                  stale: Revalidation serves it while a call refreshes it
 *  cache    Refresher              permit, SharedCache's lease, call, keep
 *  upstream ProviderClient         which account
 *  upstream Account                Bulkhead, Keys, Breaker
 *  upstream ProviderCall           WebClient above GuardedCodec; BodyReader
 *  dialect  ReplyClassifier        what the response means: TaskReply
 *  cache    Freshness, TaskStore   how long fresh, how long stale; kept
 *  query    Responder              ReplyRenderer: HttpReply · QueryMetrics
 * </pre>
 *
 * <p>Three rules and where they live: how a stale answer comes about, in {@code cache.Revalidation}
 * (before the call) and {@code cache.Refresher} (after it failed); why a key is skipped, in {@code
 * upstream.Keys}; who decides {@code Retry-After}, in {@code query.ReplyRenderer} for tasks and
 * {@code query.ProviderProblems} for failures.
 */
@NullMarked
package io.github.videoquery;

import org.jspecify.annotations.NullMarked;
